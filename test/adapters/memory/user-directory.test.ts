import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryUserDirectory } from '../../../src/adapters/memory/user-directory.ts';
import { MemoryUsers } from '../../../src/adapters/memory/users.ts';
import { userDirectoryContract } from '../../contracts/user-directory.contract.ts';

userDirectoryContract('MemoryUserDirectory', async () => {
  const clock = new MemoryClock();
  const users = new MemoryUsers();
  return {
    users: new MemoryUserDirectory(users),
    peek: async () => [...users.kept.keys()],
    peer: async () => new MemoryUserDirectory(users),
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    close: async () => undefined,
  };
});
