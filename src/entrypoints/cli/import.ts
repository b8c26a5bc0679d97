import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { handIn } from '../../domain/user-import/hand-in.ts';
import { letGo } from '../../domain/user-import/let-go.ts';
import type { StartedImport } from '../../domain/user-import/start-import.ts';
import type { Upload } from '../../ports/vocabulary.ts';
import { spoolFolder } from '../composition/local.ts';
import type { MailParts } from '../composition/mail.ts';
import { tokens, type World } from '../composition/tokens.ts';
import { refuseOtherChannel } from './channel.ts';
import type { Context } from './context.ts';
import type { ImportFlags } from './flags.ts';
import { followed, isSettled } from './follow.ts';
import { intakePorts, planned, readingOptions, taken, tryTemplate, type Intake } from './intake.ts';
import { interruption, type Interruption } from './interruption.ts';
import { mailParts, parseMailTarget, type MailTarget } from './mail.ts';
import { ReaderThread } from '../worker/reader.ts';
import { carryOut } from './carry-out.ts';
import { databaseFile, withSession } from './session.ts';
import { tellStart } from './tell-start.ts';
import { refuseStack } from './world.ts';

/**
 * `rollcall import`: imports the files and waits until every row has its outcome and every welcome is sent. All files are looked
 * at before the first one is begun, so that a fault in one of them leaves nothing half done. @returns the exit status
 */
export async function importFiles(files: readonly string[], flags: ImportFlags, context: Context): Promise<number> {
  refuseStack(flags);
  const target = parseMailTarget(flags.mail ?? context.config.mail);
  const mail = await mailParts(target, flags, context.config);
  const stop = interruption(context.output);
  // It starts while the files are looked at.
  const reader = new ReaderThread();
  const uploads: Upload[] = [];
  try {
    const intakes = await lookInto(files, flags, context, mail, stop, uploads);
    if (stop.signal.aborted) return stop.exitCode;
    return await importAll(intakes, flags, context, { target, mail, stop, reader });
  } catch (error) {
    await forget(uploads, flags, context).catch(() =>
      context.output.note(`What came from standard input is still in ${spoolFolder(databaseFile(flags.db, context.config))}.`),
    );
    throw error;
  }
}

async function lookInto(
  files: readonly string[],
  flags: ImportFlags,
  { config }: Context,
  mail: MailParts | undefined,
  stop: Interruption,
  uploads: Upload[],
): Promise<readonly Intake[]> {
  const ports = intakePorts(spoolFolder(databaseFile(flags.db, config)));
  const intakes: Intake[] = [];
  for (const file of files) {
    const upload = await taken(ports, file, stop.signal);
    uploads.push(upload);
    const intake = await planned(ports, file, upload, readingOptions(flags));
    if (mail) await tryTemplate(ports, intake, mail.templates);
    intakes.push(intake);
  }
  return intakes;
}

function importAll(
  intakes: readonly Intake[],
  flags: ImportFlags,
  context: Context,
  { target, mail, stop, reader }: Readonly<{ target: MailTarget; mail: MailParts | undefined; stop: Interruption; reader: ReaderThread }>,
): Promise<number> {
  return withSession(context, { db: flags.db, to: 'work', create: true, mail }, async ({ file, world }) => {
    await refuseOtherChannel(world, mail);
    const started: StartedImport[] = [];
    for (const intake of intakes) started.push(await start(world, intake, flags, mail !== undefined));
    const before = await followed(
      world,
      started.map(({ head }) => head.id),
    );
    before.forEach((one, index) => {
      // A file that is named twice is told of once.
      if (before.findIndex(({ head }) => head.id === one.head.id) < index) return;
      tellStart(context.output, intakes[index]?.file ?? '', started[index]?.how ?? 'started', one, mail !== undefined);
    });
    for (const [index, { upload }] of intakes.entries()) if (started[index]?.how !== 'started') await letGo(uploadPorts(world), upload);
    return carryOut(world, context, {
      dbFile: file,
      reader,
      target,
      flags,
      stop,
      until: 'settled',
      imports: started.map(({ head }) => head.id),
      strict: flags.strict ?? false,
      json: flags.json ?? false,
      idle: before.every((one) => isSettled(one, mail !== undefined)),
    });
  });
}

function start(world: World, { upload, plan }: Intake, flags: ImportFlags, welcome: boolean): Promise<StartedImport> {
  const ports = {
    imports: world.get(tokens.imports),
    uploadQueue: world.get(tokens.uploadQueue),
    ids: world.get(tokens.ids),
    clock: world.get(tokens.clock),
    uploads: world.get(tokens.files),
    deadLetters: world.get(tokens.deadLetters),
  };
  return handIn(ports, { upload, options: readingOptions(flags), welcome, plan, again: flags.again ?? false });
}

/** The uploads of a command that failed need not be kept, but for those that an import still reads. */
async function forget(uploads: readonly Upload[], flags: ImportFlags, context: Context): Promise<void> {
  const db = databaseFile(flags.db, context.config);
  if (!existsSync(db)) return rm(spoolFolder(db), { recursive: true, force: true });
  if (!existsSync(spoolFolder(db))) return;
  await withSession(context, { db: flags.db, to: 'look' }, async ({ world }) => {
    for (const upload of uploads) await letGo(uploadPorts(world), upload);
  });
}

function uploadPorts(world: World): Parameters<typeof letGo>[0] {
  return { imports: world.get(tokens.imports), uploads: world.get(tokens.files) };
}
