#!/usr/bin/env node
import { runProgram } from './program.ts';

// Whoever reads the result has enough of it (`rollcall users | head`): that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  // A terminal that is gone takes the notes with it, and not the work.
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
});
process.exitCode = await runProgram(process.argv.slice(2));
