import { workerWorld } from '../../composition/aws/worker.ts';
import type { Context } from '../context.ts';
import { CommandFailed, exitCodes } from '../failure.ts';
import type { MailFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import { telemetryOf } from '../session.ts';
import { runAwsWorker } from '../../worker/aws.ts';
import { stackSettings, workSettings } from './stack.ts';

/**
 * `rollcall work --world aws`: does what the functions do, in this process, until it is asked to stop: for containers. It may run beside the
 * functions and beside others like it. @returns the exit status
 */
export async function workOnAws(flags: MailFlags, context: Context): Promise<number> {
  const { config, output } = context;
  const sends = isSending(flags);
  const stop = interruption(output);
  const settings = await stackSettings(flags, workSettings);
  const world = workerWorld({ ...settings, ...(flags.from !== undefined && { from: flags.from }) }, await telemetryOf(config.serverLog), {
    sends,
  });
  output.note('Working on the queues and the stream of the stack. Ctrl-C stops at a safe point.');
  await runAwsWorker(world, { sends }, stop.signal);
  output.note('Stopped. Nothing is lost: whoever works next goes on from there.');
  return exitCodes.done;
}

/** @throws CommandFailed */
function isSending({ mail, template }: MailFlags): boolean {
  const given =
    template !== undefined ? '--template' : mail === undefined || mail === 'none' || mail === 'ses' ? undefined : `--mail ${mail}`;
  if (given === undefined) return mail !== 'none';
  throw new CommandFailed(`${given} is not for --world aws: there welcomes go out by SES, with the welcome that Rollcall brings.`, {
    hint: 'Leave it out, or use --mail none to send no mail.',
    exitCode: exitCodes.usage,
  });
}
