import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rejection } from '../../ports/vocabulary.ts';
import { shownTarget, type MailTarget } from './mail.ts';
import type { Report } from './report.ts';
import type { Suggestions } from './suggest.ts';
import { brief, commandLine, counted, duration, number, shortId, shown } from './words.ts';

/** The report as one JSON object: these keys, in this order, are what programs rely on. */
export function jsonOf({ summary }: Report): string {
  const { rows, inserted, updated, duplicates, rejected, welcomed, uncertain, failed, seconds } = summary;
  return JSON.stringify({
    import: summary.import,
    state: summary.state,
    rows,
    inserted,
    updated,
    duplicates,
    rejected,
    welcomed,
    uncertain,
    failed,
    seconds,
  });
}

/** What became of an import, in lines for a person. @param isLatest whether commands mean this import where none is named */
export function resultLines(report: Report, suggest: Suggestions, isLatest: boolean): readonly string[] {
  return [...heading(report), '', ...countLines(report), ...rejectedLines(report, suggest, isLatest)];
}

/** What is not done, why, and what to do about it; nothing where all is done. */
export function attentionLines(report: Report, suggest: Suggestions): readonly string[] {
  const { head, summary, totals } = report;
  const name = shown(head.upload.name);
  return [
    ...refusalLines(report),
    ...letterLines(report, suggest),
    ...(summary.state === 'reading' || summary.state === 'storing'
      ? [`${name}: not every row has its outcome yet. ${suggest.carryingOn(head.id)}`]
      : []),
    ...(summary.waiting > 0 && summary.state === 'completed'
      ? [
          `${name}: ${counted(summary.waiting, 'welcome is', 'welcomes are')} still to be sent. ${suggest.sendingOn(head.id, summary.waiting)}`,
        ]
      : []),
    ...(totals.uncertain > 0
      ? [
          `${name}: ${counted(totals.uncertain, 'welcome is', 'welcomes are')} uncertain: no answer came from the mail server, or the process that was to send ended.`,
          'Each was tried twice and is not tried again, so that nobody gets a third one. Which of them arrived stands in the log of the mail server.',
        ]
      : []),
  ];
}

/** Where the welcomes are that were sent, and how to read one. */
export async function mailLines(reports: readonly Report[], target: MailTarget): Promise<readonly string[]> {
  if (target.kind === 'none' || reports.every(({ summary }) => summary.welcomed === 0)) return [];
  if (target.kind === 'smtp') return ['', `The welcomes go out through ${shownTarget(target)}.`];
  const one = await anyFile(join(target.path, 'new'));
  return [
    '',
    `The welcomes are in ${target.path}, a maildir: one file each.`,
    ...(one === undefined ? [] : [`Read one:  ${commandLine(['less', one])}`]),
  ];
}

/** Rejected rows, one a line. */
export function rejectionLines(rejections: readonly Rejection[]): readonly string[] {
  return rejections.map(({ row, line, column, reason }) => {
    const place = [
      `row ${number(row)}`,
      `line ${number(line)}`,
      ...(column === '' ? [] : [`column ${JSON.stringify(brief(column, 40)).replace(/^"column (\d+)"$/, '$1')}`]),
    ];
    return `  ${place.join(', ')}: ${shown(reason)}`;
  });
}

function heading({ head, summary }: Report): readonly string[] {
  const name = shown(head.upload.name);
  const id = `(import ${shortId(head.id)})`;
  switch (summary.state) {
    case 'completed':
      return [`${name}: completed in ${duration(summary.seconds)}${summary.waiting > 0 ? ', but for welcomes that wait' : ''} ${id}`];
    case 'refused':
      return [`${name}: refused ${id}`];
    case 'cancelled':
      return [`${name}: cancelled; the rest of the file was not read ${id}`];
    case 'incomplete':
      return [`${name}: incomplete, for parts of it could not be processed ${id}`];
    case 'storing':
      return [`${name}: not finished; all rows are read, and some are still to be stored ${id}`];
    case 'reading': {
      const share = Math.floor((100 * (head.checkpoint?.position.offset ?? 0)) / Math.max(1, head.upload.size));
      return [`${name}: not finished; ${share}% of the file is read ${id}`];
    }
  }
}

function countLines({ head, summary, totals }: Report): readonly string[] {
  const { rows, inserted, updated, duplicates, rejected, welcomed, waiting, failed } = summary;
  const again = totals.everUncertain - totals.uncertain;
  const lines: readonly (readonly [number, string, string])[] = [
    [rows, 'rows', ''],
    [inserted, 'inserted', 'new users'],
    ...some(updated, 'updated', 'users that were there already, with the data of their row'),
    ...some(duplicates, 'duplicates', 'the address has a user already; nothing is changed'),
    ...some(rejected, 'rejected', 'not imported; see below'),
    ...(head.welcome ? [[welcomed, 'welcomed', 'users whose welcome is sent'] as const] : []),
    ...some(again, 'perhaps twice', 'of these: the first time the mail server did not answer'),
    ...some(waiting, 'waiting', 'welcomes that are still to be sent'),
    ...some(totals.uncertain, 'uncertain', 'welcomes of which nobody knows whether they were sent'),
    ...some(failed, 'failed', 'welcomes that were refused or given up'),
  ];
  const width = Math.max(8, ...lines.map(([count]) => number(count).length + 2));
  return [
    ...lines.map(([count, label, meaning]) => `${number(count).padStart(width)}  ${label.padEnd(14)}${meaning}`.trimEnd()),
    ...(head.welcome || inserted === 0 ? [] : [`${''.padStart(width)}  No welcomes are sent: it was imported with --mail none.`]),
  ];
}

function some(count: number, label: string, meaning: string): readonly (readonly [number, string, string])[] {
  return count > 0 ? [[count, label, meaning]] : [];
}

function rejectedLines({ head, summary, rejections }: Report, suggest: Suggestions, isLatest: boolean): readonly string[] {
  if (rejections.length === 0) return [];
  const those =
    rejections.length < summary.rejected
      ? `The first ${rejections.length} of ${counted(summary.rejected, 'rejected row')}`
      : counted(summary.rejected, 'rejected row');
  return [
    '',
    `${those}:`,
    ...rejectionLines(rejections),
    `To correct and import ${summary.rejected === 1 ? 'it' : 'them'} again:  ${suggest.looking('rejects', ...(isLatest ? [] : [shortId(head.id)]), '--out', 'rejects.csv')}`,
  ];
}

function refusalLines({ head }: Report): readonly string[] {
  const { refusal } = head;
  if (!refusal) return [];
  return [
    `${shown(head.upload.name)} was refused: ${shown(refusal.message)}`,
    ...(refusal.hint === undefined ? [] : [shown(refusal.hint)]),
  ];
}

function letterLines({ head, letters, letterCount, welcomeLetterCount }: Report, suggest: Suggestions): readonly string[] {
  if (letterCount === 0) return [];
  const what = counted(letterCount, welcomeLetterCount === letterCount ? 'welcome' : 'part');
  return [
    `${shown(head.upload.name)}: ${what} failed and ${letterCount === 1 ? 'lies' : 'lie'} in dead letters${letters.length < letterCount ? `, the oldest of them` : ''}:`,
    ...letters.map(({ letter, addresses }) => `  ${brief([...addresses, letter.cause].join(': '), 300)}`),
    `To see ${letterCount === 1 ? 'it' : 'all'}:  ${suggest.looking('dead-letters')}`,
    `To try again after the mend:  ${suggest.working('dead-letters', 'redrive')}`,
  ];
}

/** The path of any file in the folder. */
async function anyFile(folder: string): Promise<string | undefined> {
  const entries = await opendir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!entries) return undefined;
  try {
    const entry = await entries.read();
    return entry ? join(folder, entry.name) : undefined;
  } finally {
    await entries.close();
  }
}
