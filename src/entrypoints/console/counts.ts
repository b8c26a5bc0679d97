import { rate, secondsLeft, type Sample } from '../../domain/user-import/progress.ts';
import type { ImportView } from '../http/schemas.ts';

/** The outcomes of rows, in the order in which they are shown. */
export const outcomes = ['inserted', 'updated', 'duplicates', 'rejected'] as const;

/** The flow's stages, and what lies between them, in their order. */
export const stages = [
  'uploads',
  'process-csv',
  'records',
  'insert-records',
  'users',
  'announce',
  'welcomes',
  'send-email',
  'mail',
] as const;
export type Stage = (typeof stages)[number];

/** The rates are those of the last few seconds. */
const windowMs = 5_000;

/** A look at an import. */
export interface Look {
  /** In milliseconds. */
  readonly at: number;
  readonly view: ImportView;
}

/** The looks of the last seconds, with this one. The oldest that is kept is just outside of the window, so that the rate is over all of it. */
export function withLook(looks: readonly Look[], look: Look): readonly Look[] {
  const all = [...looks, look];
  const first = all.findIndex(({ at }) => look.at - at <= windowMs);
  return all.slice(Math.max(0, first - 1));
}

/** How many rows the file has: exactly, when it is read; else told from the part that is read. Nothing before any is read. */
export function totalRows({ state, rows, read, size }: ImportView): number | undefined {
  if (isRead({ state, read, size })) return Math.max(read.rows, rows);
  return read.bytes > 0 ? Math.max(rows, Math.round((read.rows * size) / read.bytes)) : undefined;
}

/** Whether nothing will change any more. */
export function isOver({ state, waiting }: ImportView): boolean {
  return state === 'refused' || (state === 'completed' && waiting === 0);
}

/** How many rows, users or welcomes have come to each stage, or wait there. */
export function levelsOf({ rows, read, inserted, updated, welcome, waiting, welcomed }: ImportView): Readonly<Record<Stage, number>> {
  const rowsRead = Math.max(read.rows, rows);
  return {
    uploads: read.bytes,
    'process-csv': rowsRead,
    records: rowsRead - rows,
    'insert-records': rows,
    users: inserted + updated,
    announce: welcome ? inserted : 0,
    welcomes: waiting,
    'send-email': welcome ? inserted - waiting : 0,
    mail: welcomed,
  };
}

/** How fast a stage is, per second. */
export function rateOf(looks: readonly Look[], stage: Stage): number {
  const [first, last] = [looks[0], looks.at(-1)];
  return first && last ? rate(sample(first, stage), sample(last, stage)) : 0;
}

/** Seconds until every row has its outcome, told from the last seconds; nothing where that cannot be told, or where it is so already. */
export function rowsLeft(looks: readonly Look[]): number | undefined {
  const view = looks.at(-1)?.view;
  const total = view && (view.state === 'reading' || view.state === 'storing') ? totalRows(view) : undefined;
  if (!view || total === undefined || view.rows >= total) return undefined;
  return secondsLeft(view.rows, total, rateOf(looks, 'insert-records'));
}

/** Seconds until every new user is welcomed, once all are there; told from the last seconds. */
export function welcomesLeft(looks: readonly Look[]): number | undefined {
  const view = looks.at(-1)?.view;
  if (view?.state !== 'completed' || view.waiting === 0) return undefined;
  return secondsLeft(view.inserted - view.waiting, view.inserted, rateOf(looks, 'send-email'));
}

function isRead({ state, read, size }: Pick<ImportView, 'state' | 'read' | 'size'>): boolean {
  return state === 'storing' || state === 'completed' || read.bytes >= size;
}

function sample({ at, view }: Look, stage: Stage): Sample {
  return { at, count: levelsOf(view)[stage] };
}
