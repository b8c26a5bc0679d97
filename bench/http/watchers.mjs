// One large import that many consoles watch, against the same import unwatched, turn by turn in one run.
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { people } from '../import.mjs';
import { median, rounded } from '../measure.mjs';
import { completed, posted, serving } from './serving.mjs';

/** Every so many rows one is rejected: its reason is what a console asks for beside the events. */
const badEvery = 100;

/** @returns medians over the turns: seconds of the import by itself and watched, and their ratio; the same of the server's processor time */
export async function benchWatchers({ root, folder, rows, watchers, turns }) {
  const csv = await people({ root, folder, rows, order: 'random', badEvery });
  const results = [];
  for (let turn = 0; turn < turns; turn++) {
    // Whoever comes second finds what the first one left in the machine's memory: they take turns in that, too.
    const order = turn % 2 === 0 ? [0, watchers] : [watchers, 0];
    const timed = new Map();
    for (const count of order) timed.set(count, await watchedTurn({ root, folder, csv, rows, watchers: count }));
    const [alone, watched] = [timed.get(0), timed.get(watchers)];
    results.push({ alone, watched, ratio: watched.seconds / alone.seconds, cpuRatio: watched.cpuSeconds / alone.cpuSeconds });
    process.stderr.write(
      `  turn ${turn + 1}: alone ${alone.seconds.toFixed(2)} s (cpu ${alone.cpuSeconds.toFixed(2)}), ${watchers} watchers ${watched.seconds.toFixed(2)} s ` +
        `(cpu ${watched.cpuSeconds.toFixed(2)}), ${watched.events} events, ratio ${(watched.seconds / alone.seconds).toFixed(3)}\n`,
    );
  }
  rmSync(csv);
  const middle = (of) => rounded(median(results.map(of)));
  return {
    ...{ rows, watchers, turns },
    aloneSeconds: middle(({ alone }) => alone.seconds),
    watchedSeconds: middle(({ watched }) => watched.seconds),
    ratio: middle(({ ratio }) => ratio),
    cpuRatio: middle(({ cpuRatio }) => cpuRatio),
    eventsEach: middle(({ watched }) => watched.events / watchers),
  };
}

async function watchedTurn({ root, folder, csv, rows, watchers }) {
  const server = await serving({ root, folder });
  try {
    // People have the console open before they drop a file.
    const consoles = watchers > 0 ? await opened({ root, url: server.url, watchers }) : { watch: () => 0 };
    const before = server.used().cpuSeconds;
    const { path } = await posted(server.url, csv);
    const watched = consoles.watch(path);
    const { seconds } = await completed(server.url, path, rows);
    const cpuSeconds = server.used().cpuSeconds - before;
    return { seconds, cpuSeconds, events: await watched };
  } finally {
    await server.stop();
  }
}

/** Consoles in a process of their own, as browsers are. `watch` answers how many events came. */
async function opened({ root, url, watchers }) {
  const child = fork(join(root, 'bench/http/consoles.mjs'), [url, String(watchers)]);
  const failed = new Promise((_, reject) => {
    child.once('exit', (code) => code !== 0 && reject(new Error(`The consoles ended with ${code}.`)));
  });
  const next = () => Promise.race([failed, new Promise((resolve) => child.once('message', resolve))]);
  await next();
  const watch = (path) => {
    child.send(path);
    return next();
  };
  return { watch };
}
