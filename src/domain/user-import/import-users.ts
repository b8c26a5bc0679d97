import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { ColumnPlan, ImportHead, ImportLedger, ReadingPlan } from '../../ports/import-ledger.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { Attributes, OnExisting, ReadingOptions, RecordBatch, Upload } from '../../ports/vocabulary.ts';
import { Batcher } from './batches.ts';
import { importId, isEnded, newImport, rulesVersion } from './import.ts';
import type { BatchLimits } from './plan-reading.ts';
import { judgeRow, type JudgedRow } from './rows.ts';
import { latestImport, type StartedImport } from './start-import.ts';
import { sendAll } from '../send-all.ts';

export interface ImportUsersPorts {
  readonly imports: ImportLedger;
  /** Whatever it has taken is durable. */
  readonly records: MessageQueue<RecordBatch>;
  readonly syntax: AddressSyntax;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** A user as a program hands one in: nothing of it is checked yet. */
export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly attributes?: Attributes;
}

export interface UsersRequest {
  /** Gone through three times: to learn of their attributes, to count their batches, and to send them. */
  readonly users: Iterable<NewUser>;
  /** What the users came as: its identity is that of their text. No store has it. */
  readonly upload: Upload;
  readonly onExisting: OnExisting;
  readonly welcome: boolean;
  readonly again: boolean;
  readonly limits: BatchLimits;
}

/**
 * Imports users who came as values and not as a file: they go straight to the records queue, under the very same rules. When it answers,
 * the import is kept with its number of batches and every batch is on the queue. Users that were sent before are sent again, under the same
 * names: so whoever got no answer asks once more.
 */
export async function importUsers(ports: ImportUsersPorts, request: UsersRequest): Promise<StartedImport> {
  const { upload, users, limits, onExisting, welcome, again } = request;
  const options: ReadingOptions = { map: {}, keep: [], onExisting };
  const latest = await latestImport(ports, { upload, options });
  if (latest && isEnded(latest.head) && !again) return { head: latest.head, how: 'ended' };

  const resumed = latest !== undefined && !isEnded(latest.head);
  const generation = latest ? latest.generation + (resumed ? 0 : 1) : 0;
  const id = importId(ports.ids, upload, options, generation);
  const plan = planOf(users, limits);
  const wanted = newImport(id, upload, options, welcome, plan, ports.clock.now());
  const counted = batchesOf(wanted, plan, users, ports.syntax);
  let count = 0;
  while (counted.next().done !== true) count += 1;
  const head = await ports.imports.create({ ...wanted, state: 'read', batches: count });
  let messages: { readonly body: RecordBatch }[] = [];
  for (const batch of batchesOf(wanted, plan, users, ports.syntax)) {
    messages.push({ body: { ...batch, importedAt: head.createdAt, welcome: head.welcome } });
    if (messages.length < batchesAtOnce) continue;
    await sendAll(ports, ports.records, messages);
    messages = [];
  }
  await sendAll(ports, ports.records, messages);
  return { head, how: resumed ? 'resumed' : 'started' };
}

/** The names of all attributes that any of the users has: the further columns of their table. */
export function attributeNames(users: Iterable<NewUser>): readonly string[] {
  const names = new Set<string>();
  for (const { attributes } of users) for (const name in attributes) names.add(name);
  return [...names];
}

/** How many batches are handed to the queue in one call. */
const batchesAtOnce = 64;

/** The columns before those of attributes. */
const own = ['name', 'email'] as const;

/** The users as a table: rejected ones are then told and corrected like those of a file. */
function planOf(users: Iterable<NewUser>, limits: BatchLimits): ReadingPlan {
  const names = attributeNames(users);
  const columns: ColumnPlan = {
    header: [...own, ...names],
    name: [0],
    email: 1,
    keep: names.map((as, index) => ({ index: own.length + index, as })),
  };
  const dialect = { encoding: 'utf-8', bom: 0, delimiter: ',' };
  return { rules: rulesVersion, dialect, columns, batchRows: limits.rows, batchBytes: limits.bytes };
}

/** One after the other, so that no more of them are held than are used. */
function* batchesOf(head: ImportHead, plan: ReadingPlan, users: Iterable<NewUser>, syntax: AddressSyntax): Generator<RecordBatch> {
  const batcher = new Batcher(head, plan, 1);
  let index = 0;
  for (const user of users) {
    const batch = batcher.add(judgeUser(plan.columns, user, index, syntax));
    index += 1;
    if (batch) yield batch;
  }
  const rest = batcher.close();
  if (rest) yield rest;
}

function judgeUser(columns: ColumnPlan, { email, name, attributes }: NewUser, index: number, syntax: AddressSyntax): JudgedRow {
  const cells = [name, email, ...columns.keep.map(({ as }) => valueOf(attributes, as) ?? '')];
  // The header is row 0 of the table, as in a file.
  const row = { ordinal: index + 1, line: index + 1, cells };
  const judged = judgeRow(columns, cells.some((cell) => cell.includes('\0')) ? { ...row, flaw: 'nul-byte' } : row, syntax);
  if (!judged.record) return judged;
  // Others may have attributes that this user has not: these are absent, and not empty.
  const { attributes: all, ...record } = judged.record;
  const given = Object.entries(all ?? {}).filter(([as]) => valueOf(attributes, as) !== undefined);
  return { ...judged, record: given.length === 0 ? record : { ...record, attributes: Object.fromEntries(given) } };
}

function valueOf(attributes: Attributes | undefined, name: string): string | undefined {
  return attributes && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}
