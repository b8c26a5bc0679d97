/** The size of a part, in bytes: S3 wants at least 5 MiB of all but the last (User Guide, "Multipart upload limits"). */
const partBytes = 8 * 1024 * 1024;

/** The same bytes in parts of 8 MiB, the last one shorter. No more than one part is held at a time. */
export async function* inParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    for (let rest = chunk; rest.length > 0;) {
      const piece = rest.subarray(0, partBytes - size);
      held.push(piece);
      size += piece.length;
      rest = rest.subarray(piece.length);
      if (size < partBytes) continue;
      yield Buffer.concat(held);
      held = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(held);
  return undefined;
}
