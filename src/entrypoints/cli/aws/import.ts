import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redriveImport } from '../../../domain/dead-letters.ts';
import { handIn } from '../../../domain/user-import/hand-in.ts';
import { isEnded } from '../../../domain/user-import/import.ts';
import { latestImport, type StartedImport } from '../../../domain/user-import/start-import.ts';
import { tokens, type World } from '../../composition/tokens.ts';
import type { Context } from '../context.ts';
import { CommandFailed, exitCodes } from '../failure.ts';
import type { ImportFlags } from '../flags.ts';
import { followed, isSettled } from '../follow.ts';
import { intakePorts, planned, readingOptions, taken, type Intake, type IntakePorts } from '../intake.ts';
import { interruption } from '../interruption.ts';
import { tellStart } from '../tell-start.ts';
import { shown } from '../words.ts';
import { followAndReport } from './report.ts';
import { commandSession } from './session.ts';

/**
 * `rollcall import --world aws`: uploads the files to the stack, has them imported, and waits until every row has its outcome and every
 * welcome is sent. All files are looked at before the first one is uploaded. @returns the exit status
 */
export async function importFilesOnAws(files: readonly string[], flags: ImportFlags, context: Context): Promise<number> {
  const welcome = isWelcomeWished(flags);
  const stop = interruption(context.output);
  const world = await commandSession(context, flags);
  // Standard input is read twice, so it is kept for as long as this takes; files are read where they lie.
  const folder = files.includes('-') ? await mkdtemp(join(tmpdir(), 'rollcall-')) : undefined;
  try {
    const here = intakePorts(join(folder ?? tmpdir(), 'uploads'));
    const intakes: Intake[] = [];
    for (const file of files) intakes.push(await planned(here, file, await taken(here, file, stop.signal), readingOptions(flags)));
    const started: StartedImport[] = [];
    for (const intake of intakes) {
      if (stop.signal.aborted) return stop.exitCode;
      started.push(await start(world, context, here, intake, flags, welcome));
    }
    const imports = started.map(({ head }) => head.id);
    const before = await followed(world, imports);
    before.forEach((one, index) => {
      // A file that is named twice is told of once.
      if (before.findIndex(({ head }) => head.id === one.head.id) < index) return;
      tellStart(context.output, intakes[index]?.file ?? '', started[index]?.how ?? 'started', one, welcome);
    });
    const idle = before.every((one) => isSettled(one, true));
    const { strict = false, json = false } = flags;
    return await followAndReport(world, context, { flags, stop, imports: [...new Set(imports)], strict, json, idle });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true });
  }
}

/** Uploads a file and has it imported; unless all of it is imported, or at least read, and it is not wished for again. */
async function start(
  world: World,
  { output }: Context,
  here: IntakePorts,
  { file, upload }: Intake,
  flags: ImportFlags,
  welcome: boolean,
): Promise<StartedImport> {
  const ports = {
    imports: world.get(tokens.imports),
    uploadQueue: world.get(tokens.uploadQueue),
    ids: world.get(tokens.ids),
    clock: world.get(tokens.clock),
    uploads: world.get(tokens.uploads),
    deadLetters: world.get(tokens.deadLetters),
  };
  const options = readingOptions(flags);
  const again = flags.again ?? false;
  const latest = again ? undefined : await latestImport(ports, { upload, options });
  if (latest && isEnded(latest.head)) return { head: latest.head, how: 'ended' };
  if (latest?.head.state === 'read') {
    // Whoever imports it again has mended what failed.
    await redriveImport(ports.deadLetters, latest.head.id);
    return { head: latest.head, how: 'resumed' };
  }
  output.note(`${shown(file)}: uploading ${megabytes(upload.size)} …`);
  const kept = await ports.uploads.take(upload.name, here.uploads.open(upload, 0));
  // The bytes are named by their digest, so they lie where they lay. How rows are batched is for the functions to say.
  return handIn(ports, { upload: kept, options, welcome, again, stays: true });
}

/** The stack sends the welcomes: it has its sender and its template. @throws CommandFailed */
function isWelcomeWished({ mail, from, template }: ImportFlags): boolean {
  const given = from !== undefined ? '--from' : template !== undefined ? '--template' : undefined;
  if (given === undefined && (mail === undefined || mail === 'none' || mail === 'ses')) return mail !== 'none';
  throw new CommandFailed(`${given ?? `--mail ${mail ?? ''}`} is not for --world aws: there the stack sends the welcomes, by SES.`, {
    hint: 'Leave it out; --mail none imports without welcomes. The sender is a variable of the stack (docs/deploy.md).',
    exitCode: exitCodes.usage,
  });
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1_000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
