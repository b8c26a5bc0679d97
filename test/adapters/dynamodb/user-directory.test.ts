import { DynamoUserDirectory } from '../../../src/adapters/dynamodb/user-directory.ts';
import { userDirectoryContract } from '../../contracts/user-directory.contract.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld, withPorts } from './world.ts';

onDynamoDBLocal((local) => {
  userDirectoryContract(
    'DynamoUserDirectory',
    async () => {
      const world = await DynamoWorld.of(local(), 'users');
      return withPorts(world, {
        users: new DynamoUserDirectory(world.db, world.names.users),
        peek: async () => (await world.items('users')).map((item) => item['key']?.S ?? ''),
        peer: async () => new DynamoUserDirectory(world.connect(), world.names.users),
      });
    },
    { 'ordered-list': 'a table lies in the order of the hashes of its keys, and an index by key would cost a write unit a user' },
  );
});
