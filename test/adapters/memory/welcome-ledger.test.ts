import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryWelcomeLedger } from '../../../src/adapters/memory/welcome-ledger.ts';
import { welcomeLedgerContract } from '../../contracts/welcome-ledger.contract.ts';

welcomeLedgerContract(
  'MemoryWelcomeLedger',
  async () => {
    const clock = new MemoryClock();
    const welcomes = new MemoryWelcomeLedger();
    return {
      welcomes,
      peek: async () => welcomes.size,
      now: () => clock.now(),
      advance: (ms) => clock.advance(ms),
      close: async () => undefined,
    };
  },
  { peer: 'it lives in one object of one process' },
);
