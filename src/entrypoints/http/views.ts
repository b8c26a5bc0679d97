import type { ListedUser } from '../../domain/onboarding/find-users.ts';
import { columnLabel, rejectsColumns } from '../../domain/user-import/columns.ts';
import { rejectsHeader } from '../../domain/user-import/reject-rows.ts';
import type { FoundRow } from '../../domain/user-import/find-rows.ts';
import { summarise } from '../../domain/user-import/progress.ts';
import type { Trial } from '../../domain/user-import/try-rows.ts';
import type { DeadLetter } from '../../ports/dead-letters.ts';
import type { ImportHead, Progress } from '../../ports/import-ledger.ts';
import type { Instant, Rejection } from '../../ports/vocabulary.ts';
import type { WelcomeTotals } from '../../ports/welcome-ledger.ts';
import type { ImportView, LetterView, PreviewView, RowsPage, RowView, UserView } from './schemas.ts';
import type { HttpWorld } from './world.ts';

/** What the ledgers say about an import. */
export async function viewOf(world: Pick<HttpWorld, 'imports' | 'ledger' | 'clock'>, head: ImportHead): Promise<ImportView> {
  const progress = await world.imports.progress(head.id);
  return importViewOf(head, progress, await world.ledger.totals(head.id), world.clock.now());
}

/** An import that was begun this moment: nothing has become of it yet. */
export function freshViewOf(head: ImportHead): ImportView {
  return importViewOf(head, noProgress, noWelcomes, head.createdAt);
}

/** Whether an import will not change any more by itself. Of a cancelled one, rows may still be under way. */
export function isOver({ state, waiting }: ImportView): boolean {
  return state === 'refused' || (state === 'completed' && waiting === 0);
}

export function rowViewOf({ row, outcome, rejection }: FoundRow): RowView {
  return { row, outcome, ...(rejection && rejectionViewOf(rejection)) };
}

/** The columns of an import's rows, as its rejects name them. */
export function columnViewsOf(head: ImportHead): RowsPage['columns'] {
  const plan = head.plan?.columns;
  return rejectsHeader(head).map((label, index) => ({ number: index + 1, label, use: plan ? useOf(plan, index) : 'ignored' }));
}

export function userViewOf({ id, user, welcome, record }: ListedUser): UserView {
  const { address, name, attributes, origin } = user;
  return {
    ...{ id, email: address, name, ...(attributes && { attributes }), import: origin.importId, row: origin.row, welcome },
    ...(record && { welcomeAt: timeOf(record.at) }),
    ...(record?.cause !== undefined && { cause: record.cause }),
  };
}

export function letterViewOf({ id, queue, text, code, cause, importId, at }: DeadLetter, codec: HttpWorld['welcomeCodec']): LetterView {
  const decoded = queue === 'welcomes' ? codec.decode(text) : undefined;
  const emails = decoded?.ours ? decoded.message.recipients.map(({ address }) => address) : [];
  return { id, queue, code, cause, ...(importId !== undefined && { import: importId }), emails, at: timeOf(at) };
}

/** Of a cell, a preview shows so many characters. */
const shownCharacters = 200;

/** Of a table, a preview shows so many columns. */
const shownColumns = 200;

export function previewViewOf({ dialect, firstRow, columns, refusal, valid, rejected, first, firstRejected, whole }: Trial): PreviewView {
  const width = Math.min(columns?.rejects ? firstRow.length - rejectsColumns.length : firstRow.length, shownColumns);
  const header = columns ? columns.header !== undefined : true;
  return {
    encoding: dialect.encoding,
    delimiter: dialect.delimiter,
    header,
    columns: firstRow.slice(0, width).map((cell, index) => ({
      number: index + 1,
      label: cut(columns ? columnLabel(columns, index) : cell),
      use: columns ? useOf(columns, index) : 'ignored',
    })),
    rows: valid + rejected,
    ...{ valid, rejected, whole },
    first: first.map(({ row, line, cells, record, rejection }) => ({
      ...{ row, line, cells: cells.slice(0, width).map(cut) },
      ...(record && { email: record.address, name: record.name }),
      ...(rejection && { code: rejection.code, column: rejection.column, reason: rejection.reason }),
    })),
    firstRejected: firstRejected.map((rejection) => {
      const view = rejectionViewOf(rejection);
      return { row: rejection.row, ...view, cells: view.cells.slice(0, width).map(cut) };
    }),
    ...(refusal && { refusal }),
  };
}

/** An instant in the form of RFC 3339. */
function timeOf(at: Instant): string {
  return new Date(at).toISOString();
}

function importViewOf(head: ImportHead, progress: Progress, totals: WelcomeTotals, now: Instant): ImportView {
  const { upload, options, plan, checkpoint, completedAt, refusal, welcome } = head;
  const summary = summarise(head, progress, totals, now);
  // Users who came as values are read as soon as they are there.
  const allRead = head.state === 'read' || head.state === 'completed';
  return {
    ...summary,
    file: upload.name,
    size: upload.size,
    createdAt: timeOf(head.createdAt),
    ...(completedAt !== undefined && { endedAt: timeOf(completedAt) }),
    welcome,
    read: { rows: checkpoint?.row ?? summary.rows, bytes: allRead ? upload.size : (checkpoint?.position.offset ?? 0) },
    deadLetters: progress.deadLetters,
    onExisting: options.onExisting,
    ...options.map,
    keep: [...options.keep],
    ...(plan && { encoding: plan.dialect.encoding, delimiter: plan.dialect.delimiter }),
    ...(refusal && { refusal }),
  };
}

function rejectionViewOf({ line, column, code, reason, cells, cut }: Rejection) {
  return { line, column, code, reason, cells: [...cells], cut };
}

function useOf({ email, name, keep }: NonNullable<Trial['columns']>, index: number): PreviewView['columns'][number]['use'] {
  if (index === email) return 'email';
  if (name.includes(index)) return 'name';
  return keep.some((kept) => kept.index === index) ? 'keep' : 'ignored';
}

function cut(cell: string): string {
  return cell.length > shownCharacters ? `${cell.slice(0, shownCharacters)}…` : cell;
}

const noProgress: Progress = { batches: 0, inserted: 0, updated: 0, duplicates: 0, rejected: 0, deadLetters: 0 };
const noWelcomes: WelcomeTotals = { waiting: 0, claimed: 0, sent: 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };
