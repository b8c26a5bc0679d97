// The null services, in a process of their own.
import { fork } from 'node:child_process';
import { join } from 'node:path';

/** Starts them. `ask` sends them a message and waits for the answer; null-services.mjs says which. */
export async function startServices() {
  const child = fork(join(import.meta.dirname, 'null-services.mjs'));
  const next = () => new Promise((resolve, reject) => child.once('message', resolve).once('error', reject));
  const { port } = await next();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    ask(message) {
      const answer = next();
      child.send(message);
      return answer;
    },
    stop: () => child.disconnect(),
  };
}
