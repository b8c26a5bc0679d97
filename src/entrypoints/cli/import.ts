import type { Container } from 'inversify';
import { isRefusal } from '../../domain/user-import/columns.ts';
import { planReading } from '../../domain/user-import/plan-reading.ts';
import { startImport, type StartedImport } from '../../domain/user-import/start-import.ts';
import type { ReadingOptions, Upload } from '../../ports/vocabulary.ts';
import { localLimits } from '../composition/local.ts';
import { tokens } from '../composition/tokens.ts';
import type { Config } from '../config.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import { followed, runUntilDone } from './follow.ts';
import { mailParts, parseMailTarget } from './mail.ts';
import type { Output } from './output.ts';
import { withSession } from './session.ts';

export interface ImportOptions {
  readonly db: string;
  readonly mail: string;
  readonly from?: string;
  readonly template?: string;
  readonly reading: ReadingOptions;
  readonly again: boolean;
  readonly strict: boolean;
  readonly json: boolean;
}

/** `rollcall import`: imports the files and waits until every row has its outcome and every welcome is sent. @returns the exit status */
export async function importFiles(files: readonly string[], options: ImportOptions, config: Config, output: Output, stop: AbortSignal): Promise<number> {
  const target = parseMailTarget(options.mail);
  const mail = mailParts(target, { from: options.from, template: options.template }, config);
  return withSession(config, output, { db: options.db, mail, create: true }, async ({ db, world }) => {
    const started: StartedImport[] = [];
    for (const file of files) started.push(await start(world, file, options, mail !== undefined));
    const imports = started.map(({ head }) => head.id);
    const end = await runUntilDone(world, { dbFile: db.file, sends: mail !== undefined, imports, patienceMs: config.patience * 1000, stop, show: () => undefined });
    for (const { summary } of await followed(world, imports)) output.result(JSON.stringify(summary));
    return end.end === 'done' ? exitCodes.done : exitCodes.notDone;
  });
}

async function start(world: Container, file: string, options: ImportOptions, welcome: boolean): Promise<StartedImport> {
  const upload = await take(world, file);
  const uploads = world.get(tokens.uploads);
  const plan = await planReading({ uploads, rows: world.get(tokens.rows), syntax: world.get(tokens.syntax) }, upload, options.reading, localLimits);
  if (isRefusal(plan)) throw new CommandFailed(`${upload.name}: ${plan.message}`, { hint: plan.hint, exitCode: exitCodes.notDone });
  return startImport(
    { imports: world.get(tokens.imports), uploadQueue: world.get(tokens.uploadQueue), ids: world.get(tokens.ids), clock: world.get(tokens.clock) },
    { upload, options: options.reading, welcome, plan, again: options.again },
  );
}

function take(world: Container, file: string): Promise<Upload> {
  const files = world.get(tokens.files);
  return file === '-' ? files.take('standard input', process.stdin) : files.takeFile(file);
}
