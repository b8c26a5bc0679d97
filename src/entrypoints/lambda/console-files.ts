/**
 * The console's files, as text by their names. The bundle of the function http puts them here (tools/bundle.mjs); where it is not bundled, there is no
 * console.
 */
export const consoleFiles: Readonly<Record<string, string>> = {};
