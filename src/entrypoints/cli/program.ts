import { Command, CommanderError } from 'commander';
import type { Work } from './context.ts';
import { exitCodes, told, toldLines } from './failure.ts';
import { standardOutput, type Output } from './output.ts';
import { defineCommands } from './syntax.ts';
import { version } from './version.ts';

/** Runs the command that the arguments name. Never raises: what goes wrong is told on standard error. @returns the exit status */
export async function runProgram(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command('rollcall');
  program.exitOverride().configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'rollcall: ')) });
  program
    .version(version(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show how it is used')
    .helpCommand('help [command]', 'show how a command is used');
  defineCommands(program, async (quiet, work) => {
    exitCode = await runWork(standardOutput({ quiet }), work);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

async function runWork(output: Output, work: Work): Promise<number> {
  let debugging = false;
  try {
    // The schema of the environment is loaded only now: --help need not wait for it.
    const config = (await import('../config.ts')).readConfig();
    debugging = config.log === 'debug';
    return await work({ config, output });
  } catch (error) {
    const what = told(error, debugging);
    for (const line of toldLines(what)) output.error(line);
    return what.exitCode;
  }
}
