/**
 * Loaded before the command (`node --import`), and so in each of its threads: the time of day runs ahead of the machine's by as
 * many milliseconds as a file says, which may change at any time. Timers go on as they are, as they do when somebody sets a machine's clock.
 *
 *   CLOCK_AHEAD   the file
 *   CLOCK_JUMPS   `INSERT users:30=3600000,UPDATE welcomes:20=0`: what to write into it, and at which write to the database
 *
 * The jumps that were made stand in the same words, one a line, in a file beside it that ends in `.jumped`.
 */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { onWrite } from './writes.mjs';

const { CLOCK_AHEAD: file, CLOCK_JUMPS: list = '' } = process.env;
const machineNow = Date.now;
Date.now = () => machineNow() + Number(readFileSync(file, 'utf8'));

const jumps = new Map(list === '' ? [] : list.split(',').map((jump) => jump.split('=')));
onWrite((kind, nth) => {
  const ahead = jumps.get(`${kind}:${nth}`);
  if (ahead === undefined) return;
  // Other threads read it at the same time: it must never be half written.
  writeFileSync(`${file}.new`, ahead);
  renameSync(`${file}.new`, file);
  appendFileSync(`${file}.jumped`, `${kind}:${nth}=${ahead}\n`);
});
