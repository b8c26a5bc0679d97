/** What is under way at the end of a leg must be sent, and the continuation with it. In milliseconds. */
const marginMs = 30_000;

/**
 * How long a leg of reading may take, in milliseconds: as long as is set, and no longer than leaves time for its end. Where there is little
 * time at all, two thirds of it.
 * @param leftMs until Lambda ends the process
 */
export function legMs(legSeconds: number, leftMs: number): number {
  return Math.min(legSeconds * 1_000, Math.max(leftMs - marginMs, (leftMs * 2) / 3));
}
