import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryUserDirectory } from '../../../src/adapters/memory/user-directory.ts';
import { MemoryUserFeed } from '../../../src/adapters/memory/user-feed.ts';
import { MemoryUsers } from '../../../src/adapters/memory/users.ts';
import { userFeedContract } from '../../contracts/user-feed.contract.ts';

userFeedContract('MemoryUserFeed', async () => {
  const clock = new MemoryClock();
  const users = new MemoryUsers();
  const leaseMs = 60_000;
  const ports = () => ({ users: new MemoryUserDirectory(users), feed: new MemoryUserFeed(users, clock, { leaseMs }) });
  return {
    ...ports(),
    leaseMs,
    peer: async () => ports(),
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    close: async () => undefined,
  };
});
