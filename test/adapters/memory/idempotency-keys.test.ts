import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryIdempotencyKeys } from '../../../src/adapters/memory/idempotency-keys.ts';
import { idempotencyKeysContract } from '../../contracts/idempotency-keys.contract.ts';

idempotencyKeysContract('MemoryIdempotencyKeys', async () => {
  const clock = new MemoryClock();
  return { keys: new MemoryIdempotencyKeys(), now: () => clock.now(), advance: (ms) => clock.advance(ms), close: async () => undefined };
});
