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
