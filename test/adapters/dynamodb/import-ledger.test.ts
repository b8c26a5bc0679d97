import { DynamoImportLedger } from '../../../src/adapters/dynamodb/import-ledger.ts';
import { importLedgerContract } from '../../contracts/import-ledger.contract.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld, withPorts } from './world.ts';

onDynamoDBLocal((local) => {
  importLedgerContract('DynamoImportLedger', async () => {
    const world = await DynamoWorld.of(local(), 'imports');
    return withPorts(world, {
      imports: new DynamoImportLedger(world.db, world.names.imports, world.ids),
      peek: async () => (await world.items('imports')).filter((item) => item['sk']?.S?.startsWith('batch#')).length,
      peer: async () => new DynamoImportLedger(world.connect(), world.names.imports, world.ids),
    });
  });
});
