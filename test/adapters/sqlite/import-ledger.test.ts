import { SqliteImportLedger } from '../../../src/adapters/sqlite/import-ledger.ts';
import { importLedgerContract } from '../../contracts/import-ledger.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

importLedgerContract('SqliteImportLedger', async () => {
  const world = new SqliteWorld();
  return withPorts(world, {
    imports: new SqliteImportLedger(world.db),
    peek: async () => world.count('batch_results'),
    peer: async () => new SqliteImportLedger(world.connect()),
  });
});
