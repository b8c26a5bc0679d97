import { hash, randomUUID } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

/** Names out of the machine's randomness (UUID version 4, RFC 9562, without its dashes) and out of SHA-256. */
export class SystemIds implements Ids {
  fresh(): string {
    return randomUUID().replaceAll('-', '');
  }

  derived(...parts: readonly string[]): string {
    // JSON keeps the parts apart: ['a', 'bc'] and ['ab', 'c'] are different texts.
    return hash('sha256', JSON.stringify(parts)).slice(0, 32);
  }
}
