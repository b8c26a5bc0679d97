import { CsvRowReader } from '../../adapters/csv/row-reader.ts';
import { FileSystemUploadStore } from '../../adapters/file-system/upload-store.ts';
import { HapiAddressSyntax } from '../../adapters/hapi-address/address-syntax.ts';
import { isRefusal } from '../../domain/user-import/columns.ts';
import { planReading } from '../../domain/user-import/plan-reading.ts';
import { judgeRow, type JudgedRow } from '../../domain/user-import/rows.ts';
import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { ReadingPlan } from '../../ports/import-ledger.ts';
import type { RowReader } from '../../ports/row-reader.ts';
import type { TemplateRenderer } from '../../ports/template-renderer.ts';
import { PortError, type ReadingOptions, type Upload, type UserRecord } from '../../ports/vocabulary.ts';
import { localLimits } from '../composition/local.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { ImportFlags } from './flags.ts';

/** What looking into files needs: no database, so that a file which cannot be imported leaves no trace. */
export interface IntakePorts {
  readonly uploads: FileSystemUploadStore;
  readonly rows: RowReader;
  readonly syntax: AddressSyntax;
}

/** A file that can be imported, and how it will be read. */
export interface Intake {
  /** As the person named it. */
  readonly file: string;
  readonly upload: Upload;
  readonly plan: ReadingPlan;
}

/** @param spool where standard input is kept; made when it is needed */
export function intakePorts(spool: string): IntakePorts {
  return { uploads: new FileSystemUploadStore(spool), rows: new CsvRowReader(), syntax: new HapiAddressSyntax() };
}

/** The options that change how files are read. */
export function readingOptions({ map = {}, keep = [], encoding, delimiter, onExisting }: ImportFlags): ReadingOptions {
  return { map, keep, onExisting, ...(encoding !== undefined && { encoding }), ...(delimiter !== undefined && { delimiter }) };
}

/** Takes the file in; `-` is standard input. @throws CommandFailed, and what the upload store throws */
export function taken(ports: IntakePorts, file: string, stop: AbortSignal): Promise<Upload> {
  return file === '-' ? ports.uploads.take(nameOf(file), standardInput(stop)) : ports.uploads.takeFile(file);
}

/** Decides how the file is read. @throws CommandFailed, and what the upload store throws */
export async function planned(ports: IntakePorts, file: string, upload: Upload, reading: ReadingOptions): Promise<Intake> {
  const name = nameOf(file);
  try {
    const plan = await planReading(ports, upload, reading, localLimits);
    if (!isRefusal(plan)) return { file: name, upload, plan };
    throw new CommandFailed(`${name}: ${plan.message}`, { hint: plan.hint, exitCode: exitCodes.usage });
  } catch (error) {
    throw about(name, error);
  }
}

/** Every data row of the file, judged just as the import judges it. */
export async function* judgedRows(ports: IntakePorts, { upload, plan }: Intake): AsyncGenerator<JudgedRow> {
  const header = plan.columns.header ? 1 : 0;
  for await (const block of ports.rows.read(ports.uploads.open(upload, 0), plan.dialect)) {
    for (const row of block.rows) if (row.ordinal >= header) yield judgeRow(plan.columns, row, ports.syntax);
  }
}

/** How many rows are looked at for a valid one: a file without one so far is not worth more time before it is imported. */
const looksAt = 1_000;

/** Renders the welcome for the first valid row, so that a faulty template is known before anything is stored. @throws CommandFailed */
export async function tryTemplate(ports: IntakePorts, intake: Intake, templates: TemplateRenderer): Promise<void> {
  let looked = 0;
  for await (const { record } of judgedRows(ports, intake)) {
    if (record) return void renderFor(intake.file, record, templates);
    if (++looked >= looksAt) return;
  }
}

/** The welcome for a row. @throws CommandFailed */
export function renderFor(
  file: string,
  { name, address, row, attributes = {} }: UserRecord,
  templates: TemplateRenderer,
): ReturnType<TemplateRenderer['render']> {
  try {
    return templates.render({ name, email: address, attributes });
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    throw new CommandFailed(`The welcome for row ${row} of ${file} cannot be made: ${error.message}.`, {
      hint: error.hint,
      exitCode: exitCodes.usage,
      cause: error,
    });
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Errors about an option, and those that name the file themselves. */
const complete = new Set([
  'unknown-encoding',
  'unusable-delimiter',
  'upload-missing',
  'upload-changed',
  'upload-unreadable',
  'upload-not-kept',
]);

function about(name: string, error: unknown): unknown {
  if (!(error instanceof PortError) || complete.has(error.code)) return error;
  return new CommandFailed(`${name}: ${error.message}`, {
    hint: error.hint,
    exitCode: error.retryable ? exitCodes.notDone : exitCodes.usage,
    cause: error,
  });
}

/** Standard input until its end, or until a person stops waiting for it. */
async function* standardInput(stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const end = (): void =>
    void process.stdin.destroy(
      new CommandFailed('Stopped before standard input came to its end. Nothing was begun.', { exitCode: exitCodes.interrupted }),
    );
  stop.addEventListener('abort', end, { once: true });
  try {
    yield* process.stdin as AsyncIterable<Uint8Array>;
  } finally {
    stop.removeEventListener('abort', end);
  }
}
