import { setFlagsFromString } from 'node:v8';

/**
 * Bounds the heap of a function that has more memory than it needs, for it needs a whole processor. It is imported before everything else: V8 lays the
 * heap out while the others load. The space for new objects grows eightfold in one step then, to 32 MiB, and `keepHeapSmall` ends its growth:
 * Lambda's runtime would let it become 256 MiB. Old objects are collected when they have grown by 60%; where there is as much memory, V8 by itself
 * waits for several times of what lives.
 */
setFlagsFromString('--semi-space-growth-factor=8');
setFlagsFromString('--heap-growing-percent=60');

/** To be called once everything is loaded. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
