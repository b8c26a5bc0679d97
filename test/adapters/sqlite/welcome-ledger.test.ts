import { SqliteWelcomeLedger } from '../../../src/adapters/sqlite/welcome-ledger.ts';
import { welcomeLedgerContract } from '../../contracts/welcome-ledger.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

welcomeLedgerContract('SqliteWelcomeLedger', async () => {
  const world = new SqliteWorld();
  return withPorts(world, {
    welcomes: new SqliteWelcomeLedger(world.db),
    peek: async () => world.count('welcomes'),
    peer: async () => new SqliteWelcomeLedger(world.connect()),
  });
});
