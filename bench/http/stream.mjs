// A large file streamed to the server, against the command's import of the same file, turn by turn in one run.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { people } from '../import.mjs';
import { median, rounded, run } from '../measure.mjs';
import { completed, posted, serving } from './serving.mjs';

/**
 * @returns medians over the turns: seconds from the request's first byte to its answer and to the import's end, the command's seconds from its
 * start to its end, and the server's rate and most memory as parts of the command's
 */
export async function benchStream({ root, folder, rows, turns }) {
  const csv = await people({ root, folder, rows, order: 'random' });
  const results = [];
  for (let turn = 0; turn < turns; turn++) {
    const command = await commandTurn({ root, folder, csv, rows });
    const server = await serverTurn({ root, folder, csv, rows });
    const result = { command, server, rate: command.seconds / server.seconds, memory: server.megabytes / command.megabytes };
    results.push(result);
    process.stderr.write(
      `  turn ${turn + 1}: command ${command.seconds.toFixed(2)} s (cpu ${command.cpuSeconds.toFixed(2)}) ${command.megabytes} MB, ` +
        `server ${server.seconds.toFixed(2)} s (cpu ${server.cpuSeconds.toFixed(2)}) ${server.megabytes} MB, 202 after ${server.answered.toFixed(2)} s\n`,
    );
  }
  rmSync(csv);
  const middle = (of) => rounded(median(results.map(of)));
  return {
    rows,
    turns,
    answeredSeconds: middle(({ server }) => server.answered),
    endedSeconds: middle(({ server }) => server.seconds),
    commandSeconds: middle(({ command }) => command.seconds),
    rate: middle(({ rate }) => rate),
    cpuSeconds: middle(({ server }) => server.cpuSeconds),
    commandCpuSeconds: middle(({ command }) => command.cpuSeconds),
    megabytes: middle(({ server }) => server.megabytes),
    idleMegabytes: middle(({ server }) => server.idleMegabytes),
    commandMegabytes: middle(({ command }) => command.megabytes),
    memory: middle(({ memory }) => memory),
  };
}

async function commandTurn({ root, folder, csv, rows }) {
  const db = join(folder, 'command.db');
  const args = [join(root, 'dist/entrypoints/cli/main.js'), 'import', csv, '--db', db, '--mail', 'none', '--json'];
  const turn = await run(process.execPath, args, { cwd: folder });
  const result = JSON.parse(turn.stdout);
  if (result.state !== 'completed' || result.rows !== rows) throw new Error(`The import did not do its work: ${turn.stdout}`);
  for (const ending of ['', '-wal', '-shm']) rmSync(`${db}${ending}`, { force: true });
  return turn;
}

async function serverTurn({ root, folder, csv, rows }) {
  const server = await serving({ root, folder });
  try {
    const idle = server.used();
    const { path, began, acknowledged } = await posted(server.url, csv);
    const { endedAt } = await completed(server.url, path, rows);
    const { megabytes, cpuSeconds } = server.used();
    const ended = Date.parse(endedAt);
    if (ended <= acknowledged) throw new Error('The import ended before it was acknowledged.');
    return {
      answered: (acknowledged - began) / 1000,
      seconds: (ended - began) / 1000,
      megabytes,
      idleMegabytes: idle.megabytes,
      cpuSeconds: cpuSeconds - idle.cpuSeconds,
    };
  } finally {
    await server.stop();
  }
}
