#!/usr/bin/env node
import { exitCodes, told, toldLines } from './failure.ts';
import { setFlagsFromString } from 'node:v8';
import { runProgram } from './program.ts';

// V8 sizes its heap by the machine and would let a hundred megabytes of garbage pile up; this program needs a tenth of that at a time.
setFlagsFromString('--heap-growing-percent=30');

// Whoever reads the result has enough of it (`rollcall users | head`): that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  // A terminal that is gone takes the notes with it, and not the work.
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
});
process.on('uncaughtException', (error) => {
  for (const line of toldLines(told(error, false))) process.stderr.write(`${line}\n`);
  process.exit(exitCodes.notDone);
});
process.exitCode = await runProgram(process.argv.slice(2));
