import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryImportLedger } from '../../../src/adapters/memory/import-ledger.ts';
import type { ImportLedger } from '../../../src/ports/import-ledger.ts';
import { importLedgerContract } from '../../contracts/import-ledger.contract.ts';
import { ThreadWorld } from './world.ts';

const methods = [
  'create',
  'find',
  'list',
  'replace',
  'record',
  'progress',
  'noteFailure',
  'markDeadLettered',
  'clearFailure',
  'outcomes',
  'rejections',
] as const satisfies readonly (keyof ImportLedger)[];

importLedgerContract(
  'a MemoryImportLedger of the other thread',
  async () => {
    const clock = new MemoryClock();
    const imports = new MemoryImportLedger();
    const world = new ThreadWorld({ imports });
    return {
      imports: world.remote.port<ImportLedger>('imports', methods),
      peek: async () => imports.size,
      now: () => clock.now(),
      advance: (ms) => clock.advance(ms),
      close: async () => world.close(),
    };
  },
  { peer: 'it lives in one object of one process' },
);
