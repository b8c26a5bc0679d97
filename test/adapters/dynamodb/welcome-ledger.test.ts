import { DynamoWelcomeLedger } from '../../../src/adapters/dynamodb/welcome-ledger.ts';
import { welcomeLedgerContract } from '../../contracts/welcome-ledger.contract.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld, withPorts } from './world.ts';

onDynamoDBLocal((local) => {
  welcomeLedgerContract('DynamoWelcomeLedger', async () => {
    const world = await DynamoWorld.of(local(), 'welcomes', 'imports');
    return withPorts(world, {
      welcomes: new DynamoWelcomeLedger(world.db, world.names, world),
      peek: async () => (await world.items('welcomes')).length,
      peer: async () => new DynamoWelcomeLedger(world.connect(), world.names, world),
    });
  });
});
