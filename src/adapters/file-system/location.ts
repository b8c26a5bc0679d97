/** Where an upload lies: in the spool directory, or where a person has it, with the time of its last change in nanoseconds. */
export type Location =
  { readonly kind: 'spool'; readonly file: string } | { readonly kind: 'file'; readonly path: string; readonly modified: bigint };

/** `spool:<name of the file>` */
export function spoolLocation(file: string): string {
  return `spool:${file}`;
}

/** `file:<nanoseconds>:<absolute path>` */
export function fileLocation(path: string, modified: bigint): string {
  return `file:${modified.toString()}:${path}`;
}

/** What a location says; nothing where it is not one of ours. */
export function parseLocation(location: string): Location | undefined {
  const spool = /^spool:([0-9a-f]{64}(?:[.][0-9a-f-]{36})?)$/.exec(location);
  if (spool?.[1] !== undefined) return { kind: 'spool', file: spool[1] };
  const file = /^file:(-?\d+):(.+)$/s.exec(location);
  if (file?.[1] !== undefined && file[2] !== undefined) return { kind: 'file', path: file[2], modified: BigInt(file[1]) };
  return undefined;
}
