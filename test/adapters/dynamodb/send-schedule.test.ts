import { expect, test } from '@jest/globals';
import { DynamoSendSchedule } from '../../../src/adapters/dynamodb/send-schedule.ts';
import { expiryAttribute } from '../../../src/adapters/dynamodb/tables.ts';
import { ScheduleUnavailable } from '../../../src/ports/send-schedule.ts';
import { sendScheduleContract } from '../../contracts/send-schedule.contract.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld, withPorts } from './world.ts';

onDynamoDBLocal((local) => {
  sendScheduleContract('DynamoSendSchedule', async () => {
    const world = await DynamoWorld.of(local(), 'imports');
    return withPorts(world, {
      schedule: new DynamoSendSchedule(world.db, world.names.imports),
      peer: async () => new DynamoSendSchedule(world.connect(), world.names.imports),
    });
  });

  test('a stretch goes a day after it has begun; who begins at once leaves none', async () => {
    const world = await DynamoWorld.of(local(), 'imports');
    const schedule = new DynamoSendSchedule(world.db, world.names.imports);
    await schedule.reserve('a', 2_000, 10_000);
    await schedule.reserve('b', 2_000, 10_000);
    const items = await world.items('imports');
    const told = items.map((item) => [item['pk']?.S ?? '', { ...item, pk: undefined, sk: undefined }] as const);
    expect(Object.fromEntries(told)).toEqual({
      schedule: { free: { N: '14000' } },
      'schedule#b': { begins: { N: '12000' }, [expiryAttribute]: { N: '86412' } },
    });
    await world.close();
  });

  test('a table that is missing is told as such', async () => {
    const world = await DynamoWorld.of(local());
    const schedule = new DynamoSendSchedule(world.db, 'nowhere');
    await expect(schedule.reserve('a', 1, 1)).rejects.toThrow(ScheduleUnavailable);
    await expect(schedule.reserve('a', 1, 1)).rejects.toMatchObject({ message: expect.stringContaining('nowhere') });
    await world.close();
  });
});
