import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Checkpoint, ImportHead, ImportLedger, ReadingPlan } from '../../ports/import-ledger.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { Position, RowReader } from '../../ports/row-reader.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import { PortError, type ImportId, type Instant, type RecordBatch, type StopSignal } from '../../ports/vocabulary.ts';
import { Batcher } from './batches.ts';
import { isRefusal } from './columns.ts';
import { rowNumber } from './columns.ts';
import { completeIfDone } from './complete.ts';
import { letGo } from './let-go.ts';
import { fullyRead, isReadByAnother, leased, released, rulesVersion } from './import.ts';
import { planReading, type BatchLimits } from './plan-reading.ts';
import { judgeRow } from './rows.ts';
import { sendAll } from '../send-all.ts';

export interface ProcessCsvPorts {
  readonly imports: ImportLedger;
  readonly uploads: UploadStore;
  readonly rows: RowReader;
  readonly syntax: AddressSyntax;
  readonly records: MessageQueue<RecordBatch>;
  readonly clock: Clock;
}

/** When a reader has to come to an end although there are rows left. */
export interface ReadingBounds {
  readonly stop: StopSignal;
  /** Reading ends at the next safe point after this. */
  readonly deadline?: Instant;
  readonly limits: BatchLimits;
}

/**
 * `finished`: nothing is left to read. `busy`: somebody else reads it, or has written the head meanwhile. The message must come again:
 * theirs may have been deleted already (a queue may deliver even then), and they may die.
 * `interrupted`: rows are left, and the checkpoint says from where; `advanced` tells whether this reading came any further.
 */
export type Reading = { readonly end: 'finished' | 'busy' } | { readonly end: 'interrupted'; readonly advanced: boolean };

/** No import has that id: the message was not ours, or the ledger is another one. */
export class ImportUnknown extends PortError {
  readonly code = 'import-unknown';
  readonly retryable = false;
}

/** The import was begun under other rules, under which its rows may have been judged otherwise. */
export class RulesChanged extends PortError {
  readonly code = 'rules-changed';
  readonly retryable = false;
}

/**
 * Reads an import from its checkpoint on: rows become batches of records and rejections, and go to the records queue.
 * A batch is on the queue before a checkpoint says so; what was sent after the last checkpoint is sent again, under the same name.
 * @param holder the id of the message that asks for it
 */
export async function processCsv(ports: ProcessCsvPorts, id: ImportId, holder: string, bounds: ReadingBounds): Promise<Reading> {
  const found = await ports.imports.find(id);
  if (!found) throw new ImportUnknown(`There is no import ${id}.`);
  if (found.state !== 'reading') return finish(ports, found);
  if (isReadByAnother(found, holder, ports.clock.now())) return { end: 'busy' };

  const reader = new Reader(ports, found, holder);
  if (!(await reader.lease())) return { end: 'busy' };
  try {
    const plan = found.plan ?? (await reader.plan(bounds.limits));
    if (!plan) return { end: reader.isOvertaken ? 'busy' : 'finished' };
    if (plan.rules !== rulesVersion) {
      throw new RulesChanged(`Import ${id} was begun by another version of Rollcall, whose rules for rows differ.`, {
        hint: 'Finish it with that version, or import the file anew with --again.',
      });
    }
    return await reader.read(plan, bounds);
  } catch (error) {
    // The next one may be another message, sent back from dead letters: a lease that nobody uses would turn it away for good.
    await reader.release();
    // Whoever overtook it may have read all and let go of the bytes: a failure says nothing about the import then.
    if (reader.isOvertaken) return { end: 'busy' };
    throw error;
  }
}

async function finish(ports: ProcessCsvPorts, head: ImportHead): Promise<Reading> {
  if (head.state !== 'refused') await letGo(ports, head.upload);
  await ports.imports.clearFailure(head.id, 'upload');
  await completeIfDone(ports, head.id);
  return { end: 'finished' };
}

/** How many batches are sent in one call, and how many calls may be under way while rows are read on. */
const sendBatches = 4;
const sendsUnderWay = 5;

/** One leg of reading, under the import's lease. */
class Reader {
  readonly #ports: ProcessCsvPorts;
  readonly #holder: string;
  readonly #underWay: { readonly sent: Promise<void>; readonly checkpoint: Checkpoint }[] = [];
  #head: ImportHead;
  #kept = true;
  /** The last checkpoint whose batches are all on the queue, until it is kept. */
  #reached: Checkpoint | undefined;
  #keeping: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(ports: ProcessCsvPorts, head: ImportHead, holder: string) {
    this.#ports = ports;
    this.#head = head;
    this.#holder = holder;
  }

  /** Whether somebody else has written the head. */
  get isOvertaken(): boolean {
    return !this.#kept;
  }

  lease(): Promise<boolean> {
    return this.#replace(leased(this.#head, this.#holder, this.#ports.clock.now()));
  }

  /** Gives the lease back, unless it is another's by now. */
  async release(): Promise<void> {
    await this.#keeping;
    if (this.#kept) await this.#replace(released(this.#head));
  }

  /** Makes the plan and keeps it; nothing where the file was refused or the lease lost. */
  async plan(limits: BatchLimits): Promise<ReadingPlan | undefined> {
    const plan = await planReading(this.#ports, this.#head.upload, this.#head.options, limits);
    if (isRefusal(plan)) {
      await this.#replace({ ...released(this.#head), state: 'refused', refusal: plan });
      return undefined;
    }
    return (await this.#replace({ ...this.#head, plan })) ? plan : undefined;
  }

  /** Ends when what it has sent is known to be on the queue, or not: another reading, of this process even, has room of its own then. */
  async read(plan: ReadingPlan, bounds: ReadingBounds): Promise<Reading> {
    try {
      return await this.#readOn(plan, bounds);
    } finally {
      await Promise.allSettled(this.#underWay.map(({ sent }) => sent));
    }
  }

  async #readOn(plan: ReadingPlan, bounds: ReadingBounds): Promise<Reading> {
    const { uploads, rows, syntax, clock } = this.#ports;
    const start = this.#head.checkpoint ?? { position: { offset: 0, ordinal: 0, line: 1 }, row: 0, batches: 0 };
    const header = plan.columns.header ? 1 : 0;
    const batcher = new Batcher(this.#head, plan, start.row + 1);
    const outbox: RecordBatch[] = [];
    const positions: Position[] = [start.position];
    let { row, batches } = start;

    const send = async (): Promise<void> => {
      const last = outbox.at(-1);
      if (!last) return;
      row = last.firstRow + last.rows - 1;
      batches += outbox.length;
      // Reading can start again at the last position that is not behind a row which was not sent.
      while (positions[1] && rowNumber(plan.columns, positions[1].ordinal) <= row + 1) positions.shift();
      const position = positions[0] ?? start.position;
      await this.#send(outbox.splice(0), { position, row, batches });
    };

    const resumed = start.position.ordinal > 0 ? start.position : undefined;
    for await (const block of rows.read(uploads.open(this.#head.upload, resumed?.offset ?? 0), plan.dialect, resumed)) {
      for (const read of block.rows) {
        if (read.ordinal < header || rowNumber(plan.columns, read.ordinal) <= start.row) continue;
        const batch = batcher.add(judgeRow(plan.columns, read, syntax));
        if (batch) outbox.push(batch);
        if (outbox.length >= sendBatches) await send();
      }
      if (block.position) positions.push(block.position);
      if (!this.#kept) return { end: 'busy' };
      if (bounds.stop.aborted || (bounds.deadline !== undefined && clock.now() >= bounds.deadline)) {
        await send();
        return this.#interrupt(start);
      }
    }
    const rest = batcher.close();
    if (rest) outbox.push(rest);
    await send();
    return this.#end({ position: positions.at(-1) ?? start.position, row, batches });
  }

  async #interrupt(start: Checkpoint): Promise<Reading> {
    await this.#settle(0);
    const advanced = (this.#head.checkpoint?.row ?? 0) > start.row;
    if (!this.#kept || !(await this.#replace(released(this.#head)))) return { end: 'busy' };
    return { end: 'interrupted', advanced };
  }

  async #end(checkpoint: Checkpoint): Promise<Reading> {
    await this.#settle(0);
    if (!this.#kept || !(await this.#replace(fullyRead(this.#head, checkpoint)))) return { end: 'busy' };
    return finish(this.#ports, this.#head);
  }

  /** Sends batches while reading goes on; waits where too much is under way, which is how backpressure reaches the reader. */
  async #send(batches: readonly RecordBatch[], checkpoint: Checkpoint): Promise<void> {
    const sent = sendAll(
      this.#ports,
      this.#ports.records,
      batches.map((body) => ({ body })),
    );
    // A failure is met when its turn comes; until then it must not count as unhandled.
    sent.catch(() => undefined);
    this.#underWay.push({ sent, checkpoint });
    await this.#settle(sendsUnderWay - 1);
  }

  /** Waits until at most `most` sends are under way. */
  async #settle(most: number): Promise<void> {
    while (this.#underWay.length > most) {
      await this.#underWay[0]?.sent;
      this.#reached = this.#underWay.shift()?.checkpoint;
      this.#keeping ??= this.#keepReached();
    }
    if (most === 0) await this.#keeping;
    if (this.#failure) throw this.#failure;
  }

  /** Keeps the newest checkpoint, while reading goes on: one that is late costs some rows to be read again, and nothing else. */
  async #keepReached(): Promise<void> {
    try {
      while (this.#reached && this.#kept) {
        const checkpoint = this.#reached;
        this.#reached = undefined;
        await this.#replace(leased(this.#head, this.#holder, this.#ports.clock.now(), checkpoint));
      }
    } catch (error) {
      this.#failure = error as Error;
    }
    this.#keeping = undefined;
  }

  /** Writes the head, unless somebody else has: then the lease is lost, and with it the right to go on. */
  async #replace(head: ImportHead): Promise<boolean> {
    this.#kept = await this.#ports.imports.replace(head);
    if (this.#kept) this.#head = { ...head, revision: head.revision + 1 };
    return this.#kept;
  }
}
