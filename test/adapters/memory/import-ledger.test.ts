import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryImportLedger } from '../../../src/adapters/memory/import-ledger.ts';
import { importLedgerContract } from '../../contracts/import-ledger.contract.ts';

importLedgerContract(
  'MemoryImportLedger',
  async () => {
    const clock = new MemoryClock();
    const imports = new MemoryImportLedger();
    return {
      imports,
      peek: async () => imports.size,
      now: () => clock.now(),
      advance: (ms) => clock.advance(ms),
      close: async () => undefined,
    };
  },
  { peer: 'it lives in one object of one process' },
);
