import type { ImportId } from '../../ports/vocabulary.ts';
import { tokens, type World } from '../composition/tokens.ts';
import type { ReaderThread } from '../worker/reader.ts';
import type { Context } from './context.ts';
import { exitCodes, told, toldLines } from './failure.ts';
import type { MailFlags } from './flags.ts';
import { runUntilDone, type RunEnd } from './follow.ts';
import type { Interruption } from './interruption.ts';
import type { MailTarget } from './mail.ts';
import { progressView } from './progress-view.ts';
import type { Output } from './output.ts';
import { attentionLines, jsonOf, mailLines, resultLines } from './report-lines.ts';
import { isWhole, reportOf, type Report } from './report.ts';
import { Suggestions } from './suggest.ts';

/** What is told when all is done, or no longer waited for. */
export interface Reporting {
  readonly target: MailTarget;
  readonly flags: MailFlags;
  readonly stop: Interruption;
  /** The imports that are shown and reported. */
  readonly imports: readonly ImportId[];
  readonly strict: boolean;
  readonly json: boolean;
  /** What a person is told who stopped it. */
  readonly stopped: string;
}

export interface Task extends Omit<Reporting, 'stopped'> {
  readonly dbFile: string;
  /** The thread that reads, where it was started beforehand. */
  readonly reader?: ReaderThread;
  readonly until: 'settled' | 'idle';
  /** There is nothing to do: only the report is wanted. */
  readonly idle: boolean;
}

const done: RunEnd = { end: 'done' };

/** Works until nothing is left to do, shows how far it has come, and reports what became of the imports. @returns the exit status */
export async function carryOut(world: World, context: Context, task: Task): Promise<number> {
  const ran = task.idle ? done : await run(world, context, task);
  return conclude(
    world,
    context,
    { ...task, stopped: 'Stopped at a safe point. Nothing is lost: the same command goes on from there.' },
    ran,
  );
}

/** Reports what became of the imports when a run has ended. @returns the exit status */
export async function conclude(world: World, { output }: Context, task: Reporting, ran: RunEnd): Promise<number> {
  const reports: Report[] = [];
  for (const id of task.imports) reports.push(await reportOf(world, id));
  // The wish to stop may have come when all was done but for looking at it.
  const end = ran.end === 'stopped' && reports.length > 0 && reports.every(isWhole) ? done : ran;
  await tellReports(world, output, reports, task);
  if (end.end === 'stuck') for (const line of toldLines(told(end.trouble, false))) output.error(line);
  if (end.end === 'stopped') output.note(task.stopped);
  else for (const report of reports) for (const line of attentionLines(report, new Suggestions(task.flags))) output.error(line);
  return exitCodeOf(end, reports, task);
}

async function tellReports(world: World, output: Output, reports: readonly Report[], { json, flags, target }: Reporting): Promise<void> {
  if (json) {
    for (const report of reports) output.result(jsonOf(report));
    return;
  }
  const [latest] = await world.get(tokens.imports).list(1);
  const suggest = new Suggestions(flags);
  reports.forEach((report, index) => {
    if (index > 0) output.result('');
    for (const line of resultLines(report, suggest, report.head.id === latest?.id)) output.result(line);
  });
  for (const line of await mailLines(reports, target)) output.result(line);
}

async function run(world: World, { config, output }: Context, task: Task): Promise<RunEnd> {
  const sends = task.target.kind !== 'none';
  const view = progressView(output.watched, { color: config.color, sends }, task.stop.signal);
  try {
    return await runUntilDone(world, {
      dbFile: task.dbFile,
      reader: task.reader,
      sends,
      until: task.until,
      imports: task.imports,
      patienceMs: config.patience * 1000,
      stop: task.stop.signal,
      show: (imports) => view.show(imports),
    });
  } finally {
    view.end();
  }
}

function exitCodeOf(end: RunEnd, reports: readonly Report[], { stop, strict }: Reporting): number {
  if (end.end === 'stopped') return stop.exitCode;
  if (end.end === 'stuck' || !reports.every(isWhole)) return exitCodes.notDone;
  return strict && reports.some(({ summary }) => summary.rejected > 0) ? exitCodes.rejections : exitCodes.done;
}
