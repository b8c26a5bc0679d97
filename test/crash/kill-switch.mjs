/**
 * Loaded before the command (`node --import`): makes it kill itself by SIGKILL at the nth write of a kind to its database, so that
 * any moment of its progress can be hit, and hit again. Without a moment it only counts the writes, by kind, into a file.
 *
 *   KILL_AT      `INSERT users:12:3`: at the 12th insert into `users`, and 3 turns of the event loop later (0: before it is done)
 *   COUNT_INTO   a file for the counts, as JSON, when the command ends by itself
 */
import { writeFileSync } from 'node:fs';
import { onWrite } from './writes.mjs';

const { KILL_AT: at, COUNT_INTO: file } = process.env;
const [wanted, wantedNth, turns] = at?.split(':') ?? [];
const counts = {};
if (file) process.once('exit', () => writeFileSync(file, JSON.stringify(counts)));

onWrite((kind, nth) => {
  counts[kind] = nth;
  if (kind === wanted && nth === Number(wantedNth)) killAfter(Number(turns));
});

function killAfter(turns) {
  if (turns === 0) process.kill(process.pid, 'SIGKILL');
  setImmediate(() => killAfter(turns - 1));
}
