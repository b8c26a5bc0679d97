import { functionSettings, variableOf } from '../../src/entrypoints/config.ts';

/** The environment variables that each function reads, as the code says; all read ROLLCALL_LOG as well. */
export const variablesByStage: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(functionSettings).map(([stage, settings]) => [stage, settings.map(variableOf)]),
);
