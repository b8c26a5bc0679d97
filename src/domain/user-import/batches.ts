import type { ImportHead, ReadingPlan } from '../../ports/import-ledger.ts';
import type { RecordBatch, Rejection, UserRecord } from '../../ports/vocabulary.ts';
import type { JudgedRow } from './rows.ts';

/** Bytes of a batch's envelope, at most. */
const envelopeBytes = 512;

/**
 * Gathers rows that follow each other into batches. A batch ends where the next row would make it larger than the plan
 * allows, so its boundaries depend on its first row alone: a reader that starts again after any batch makes the same ones.
 */
export class Batcher {
  readonly #head: ImportHead;
  readonly #plan: ReadingPlan;
  #firstRow: number;
  #bytes = envelopeBytes;
  #records: UserRecord[] = [];
  #rejections: Rejection[] = [];

  constructor(head: ImportHead, plan: ReadingPlan, firstRow: number) {
    this.#head = head;
    this.#plan = plan;
    this.#firstRow = firstRow;
  }

  /** Takes the next row; answers the batch before it if that one is full. */
  add(row: JudgedRow): RecordBatch | undefined {
    const full = this.#rows > 0 && (this.#rows >= this.#plan.batchRows || this.#bytes + row.bytes > this.#plan.batchBytes);
    const batch = full ? this.close() : undefined;
    this.#bytes += row.bytes;
    if (row.record) this.#records.push(row.record);
    else this.#rejections.push(row.rejection);
    return batch;
  }

  /** The rows that are left over, if any: to be called once, after the last row of the file. */
  close(): RecordBatch | undefined {
    if (this.#rows === 0) return undefined;
    const { id, createdAt, options, welcome } = this.#head;
    const batch: RecordBatch = {
      importId: id,
      importedAt: createdAt,
      firstRow: this.#firstRow,
      rows: this.#rows,
      onExisting: options.onExisting,
      welcome,
      records: this.#records,
      rejections: this.#rejections,
    };
    this.#firstRow += this.#rows;
    this.#bytes = envelopeBytes;
    this.#records = [];
    this.#rejections = [];
    return batch;
  }

  get #rows(): number {
    return this.#records.length + this.#rejections.length;
  }
}
