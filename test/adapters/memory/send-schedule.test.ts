import { expect, test } from '@jest/globals';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemorySendSchedule } from '../../../src/adapters/memory/send-schedule.ts';
import { sendScheduleContract } from '../../contracts/send-schedule.contract.ts';

sendScheduleContract(
  'MemorySendSchedule',
  async () => {
    const clock = new MemoryClock();
    return { schedule: new MemorySendSchedule(), now: () => clock.now(), advance: (ms) => clock.advance(ms), close: async () => undefined };
  },
  { peer: 'it is in the memory of one process' },
);

test('a clock that is set back takes the line with it', async () => {
  const [schedule, now] = [new MemorySendSchedule(), 1_800_000_000_000];
  await schedule.reserve('a', 2_000, now);
  await schedule.reserve('b', 2_000, now);
  const earlier = now - 3_600_000;
  expect(await schedule.reserve('b', 2_000, earlier)).toBe(earlier + 2_000);
  expect(await schedule.reserve('c', 2_000, earlier)).toBe(earlier + 4_000);
  // Calls that overtake each other by less are no clock that was set back.
  expect(await schedule.reserve('d', 2_000, earlier - 1_000)).toBe(earlier + 6_000);
});
