import { SqliteWelcomeLedger } from '../../../src/adapters/sqlite/welcome-ledger.ts';
import { welcomeLedgerContract } from '../../contracts/welcome-ledger.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

welcomeLedgerContract('SqliteWelcomeLedger', async () => {
  const world = new SqliteWorld();
  return withPorts(world, {
    welcomes: new SqliteWelcomeLedger(world.db),
    peek: async () => world.read<number>('SELECT count(*) FROM welcomes')[0] ?? 0,
    peer: async () => new SqliteWelcomeLedger(world.connect()),
  });
});
