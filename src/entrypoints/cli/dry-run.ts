import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columnLabel, rejectsColumns } from '../../domain/user-import/columns.ts';
import type { ReadingPlan } from '../../ports/import-ledger.ts';
import type { TemplateRenderer } from '../../ports/template-renderer.ts';
import type { Rejection, UserRecord } from '../../ports/vocabulary.ts';
import type { Context } from './context.ts';
import { exitCodes } from './failure.ts';
import type { ImportFlags } from './flags.ts';
import { intakePorts, judgedRows, planned, readingOptions, renderFor, taken, type Intake, type IntakePorts } from './intake.ts';
import { interruption } from './interruption.ts';
import { mailParts, parseMailTarget } from './mail.ts';
import { rejectionLines } from './report-lines.ts';
import { brief, counted, number, shown } from './words.ts';

/** `rollcall import --dry-run`: judges every row and shows one welcome, and writes and sends nothing. @returns the exit status */
export async function dryRun(files: readonly string[], flags: ImportFlags, context: Context): Promise<number> {
  const mail = await mailParts(parseMailTarget(flags.mail ?? context.config.mail), flags, context.config);
  const stop = interruption(context.output);
  // Standard input is read twice, so it is kept for as long as this takes; files are read where they lie.
  const folder = files.includes('-') ? await mkdtemp(join(tmpdir(), 'rollcall-')) : tmpdir();
  try {
    const ports = intakePorts(join(folder, 'uploads'));
    let rejected = 0;
    for (const [index, file] of files.entries()) {
      const intake = await planned(ports, file, await taken(ports, file, stop.signal), readingOptions(flags));
      const trial = await judge(ports, intake, stop.signal);
      if (stop.signal.aborted) return stop.exitCode;
      const welcome = mail && trial.first[0] ? welcomeLines(intake, trial.first[0], mail.templates) : [];
      if (flags.json) context.output.result(jsonOf(intake, trial));
      else for (const line of [...(index > 0 ? [''] : []), ...linesOf(intake, trial), ...welcome]) context.output.result(line);
      rejected += trial.rejected;
    }
    return flags.strict && rejected > 0 ? exitCodes.rejections : exitCodes.done;
  } finally {
    if (folder !== tmpdir()) await rm(folder, { recursive: true });
  }
}

/** What the rows of a file come to. */
interface Trial {
  readonly valid: number;
  readonly rejected: number;
  readonly first: readonly UserRecord[];
  readonly firstRejected: readonly Rejection[];
}

/** How many rows, and rejected ones, are shown. */
const shownRows = 5;

async function judge(ports: IntakePorts, intake: Intake, stop: AbortSignal): Promise<Trial> {
  let [valid, rejected] = [0, 0];
  const first: UserRecord[] = [];
  const firstRejected: Rejection[] = [];
  for await (const { record, rejection } of judgedRows(ports, intake)) {
    if (stop.aborted) break;
    if (record) {
      valid++;
      if (first.length < shownRows) first.push(record);
    } else {
      rejected++;
      if (firstRejected.length < shownRows) firstRejected.push(rejection);
    }
  }
  return { valid, rejected, first, firstRejected };
}

function jsonOf({ file, plan: { dialect, columns } }: Intake, { valid, rejected }: Trial): string {
  const label = (index: number): string => columnLabel(columns, index);
  const { encoding, delimiter } = dialect;
  const understood = { email: label(columns.email), name: columns.name.map(label), keep: columns.keep.map(({ as }) => as) };
  return JSON.stringify({
    dryRun: true,
    file,
    encoding,
    delimiter,
    header: columns.header !== undefined,
    columns: understood,
    rows: valid + rejected,
    valid,
    rejected,
  });
}

function linesOf({ file, plan }: Intake, { valid, rejected, first, firstRejected }: Trial): readonly string[] {
  return [
    `${shown(file)}: a dry run, so nothing is stored and nothing is sent`,
    '',
    ...planLines(plan),
    '',
    ...(first.length > 0 ? ['The first rows as they are understood:', ...table(first), ''] : []),
    `${counted(valid + rejected, 'row')}: ${number(valid)} valid, ${number(rejected)} to be rejected. Which of the valid ones are duplicates shows only in the import.`,
    ...(firstRejected.length > 0
      ? [
          '',
          firstRejected.length < rejected
            ? `The first ${firstRejected.length} of ${counted(rejected, 'rejected row')}:`
            : `${counted(rejected, 'rejected row')}:`,
          ...rejectionLines(firstRejected),
        ]
      : []),
  ];
}

function planLines({ dialect, columns }: ReadingPlan): readonly string[] {
  const label = (index: number): string =>
    columns.header ? `${brief(columnLabel(columns, index), 40)} (column ${index + 1})` : `column ${index + 1}`;
  const used = new Set([columns.email, ...columns.name, ...columns.keep.map(({ index }) => index)]);
  const own = columns.header?.slice(0, columns.rejects ? -rejectsColumns.length : undefined) ?? [];
  const ignored = own.flatMap((_, index) => (used.has(index) ? [] : [brief(columnLabel(columns, index), 40)]));
  const lines: readonly (readonly [string, string])[] = [
    ['encoding', dialect.encoding],
    ['delimiter', dialect.delimiter === '\t' ? 'tab' : shown(dialect.delimiter)],
    ['first row', columns.header ? (columns.rejects ? 'the header of a file of rejects' : 'a header') : 'a person: there is no header'],
    ['e-mail', label(columns.email)],
    ['name', columns.name.length === 0 ? 'from the address column, where it says Name <address>' : columns.name.map(label).join(' and ')],
    ...(columns.keep.length > 0 ? [['kept', columns.keep.map(({ as }) => brief(as, 40)).join(', ')] as const] : []),
    ...(ignored.length > 0
      ? [['ignored', `${ignored.slice(0, 12).join(', ')}${ignored.length > 12 ? ' …' : ''} (--keep COLUMN keeps one)`] as const]
      : []),
  ];
  return lines.map(([what, value]) => `  ${what.padEnd(10)} ${value}`);
}

function table(records: readonly UserRecord[]): readonly string[] {
  const width = Math.max(...records.map(({ address }) => Math.min(40, address.length)));
  return records.map(({ row, address, name, attributes }) => {
    const kept = Object.entries(attributes ?? {}).map(([column, value]) => `${brief(column, 20)}: ${brief(value, 30)}`);
    return `  row ${String(row).padEnd(3)} ${brief(address, 40).padEnd(width)}  ${[brief(name, 40), ...kept].join('  ')}`;
  });
}

function welcomeLines({ file }: Intake, record: UserRecord, templates: TemplateRenderer): readonly string[] {
  const { subject, text } = renderFor(file, record, templates);
  return [
    '',
    `The welcome for ${shown(record.address)}:`,
    '',
    `  Subject: ${shown(subject)}`,
    '',
    ...shown(text)
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`.trimEnd()),
  ];
}
