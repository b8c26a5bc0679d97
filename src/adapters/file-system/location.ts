/** Where an upload lies: in the spool directory, or where a person has it, with the time of its last change in nanoseconds. */
export type Location =
  { readonly kind: 'spool'; readonly digest: string } | { readonly kind: 'file'; readonly path: string; readonly modified: bigint };

/** `spool:<SHA-256>` */
export function spoolLocation(digest: string): string {
  return `spool:${digest}`;
}

/** `file:<nanoseconds>:<absolute path>` */
export function fileLocation(path: string, modified: bigint): string {
  return `file:${modified.toString()}:${path}`;
}

/** What a location says; nothing where it is not one of ours. */
export function parseLocation(location: string): Location | undefined {
  const spool = /^spool:([0-9a-f]{64})$/.exec(location);
  if (spool?.[1] !== undefined) return { kind: 'spool', digest: spool[1] };
  const file = /^file:(-?\d+):(.+)$/s.exec(location);
  if (file?.[1] !== undefined && file[2] !== undefined) return { kind: 'file', path: file[2], modified: BigInt(file[1]) };
  return undefined;
}
