import { jsonRecordBatches } from '../../src/adapters/json/record-batch.ts';
import { HapiAddressSyntax } from '../../src/adapters/hapi-address/address-syntax.ts';
import { CsvRowReader } from '../../src/adapters/csv/row-reader.ts';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryImportLedger } from '../../src/adapters/memory/import-ledger.ts';
import { MemoryQueue } from '../../src/adapters/memory/message-queue.ts';
import { newImport } from '../../src/domain/user-import/import.ts';
import type { BatchLimits } from '../../src/domain/user-import/plan-reading.ts';
import { processCsv } from '../../src/domain/user-import/process-csv.ts';
import { LedgerUnavailable, type Checkpoint, type ImportHead, type ReadingPlan } from '../../src/ports/import-ledger.ts';
import type { RowBlock, RowReader } from '../../src/ports/row-reader.ts';
import type { UploadStore } from '../../src/ports/upload-store.ts';
import { PortError, type ReadingOptions, type RecordBatch, type Upload } from '../../src/ports/vocabulary.ts';
import { stream } from '../adapters/csv/reading.ts';
import { present } from '../contracts/world.ts';
import { faulty } from '../domain/faulty.ts';
import type { Circumstances, CsvFile } from './csv-files.ts';

export const syntax = new HapiAddressSyntax();

/** What the person wished for: columns to keep, and whether encoding and delimiter were told or are detected. */
export interface Wishes {
  readonly keep: readonly string[];
  readonly encoded: boolean;
}

/** A reading that comes to its end early: stopped after so many blocks of rows, or dead, with no write to the ledger done from there on. */
export interface Leg {
  readonly blocks: number;
  readonly dies: boolean;
}

/** One import of a file: the shipped use case over the shipped reader of CSV, with ledger and queue in memory. */
export class FuzzedImport {
  /** Every checkpoint that was kept. */
  readonly checkpoints: Checkpoint[] = [];
  readonly #limits: BatchLimits;
  readonly #options: ReadingOptions;
  readonly #uploads: UploadStore;
  readonly #rows: RowReader;
  readonly #imports = new MemoryImportLedger();
  readonly #clock = new MemoryClock();
  readonly #records = new MemoryQueue(jsonRecordBatches, this.#clock, { visibilityMs: 30_000 });
  #begun = false;
  /** Why the file as a whole was not read, where it was not. */
  #refusal: PortError | undefined;

  constructor({ bytes, dialect }: CsvFile, { cuts, limits }: Circumstances, batchLimits: BatchLimits, { keep, encoded }: Wishes) {
    this.#limits = batchLimits;
    this.#rows = new CsvRowReader(limits);
    const told = encoded ? { encoding: dialect.encoding, delimiter: dialect.delimiter } : {};
    this.#options = { ...told, map: {}, keep, onExisting: 'skip' };
    this.#uploads = {
      take: () => Promise.reject(new Error('Nothing is taken in here.')),
      open: (_, offset) => stream(bytes.subarray(offset), cuts),
      markDone: () => Promise.resolve(),
    };
  }

  /** Begins the import, maybe as another reader left it. */
  async begin(left?: { readonly plan: ReadingPlan; readonly checkpoint: Checkpoint }): Promise<void> {
    await this.#imports.create({ ...newImport(id, upload, this.#options, true, left?.plan, 0), ...left });
    this.#begun = true;
  }

  /** Reads on, from the last checkpoint: to the end of the file, or of the leg. A file that is refused stays so. */
  async readOn(leg?: Leg): Promise<void> {
    if (!this.#begun) await this.begin();
    const stop = new AbortController();
    const process = { isDead: false };
    const end = (): void => {
      if (leg?.dies) process.isDead = true;
      else stop.abort();
    };
    const imports = faulty(this.#imports, {
      before: {
        replace: () => {
          if (process.isDead) throw new LedgerUnavailable('The process is dead.');
        },
      },
      after: { replace: (_, { checkpoint }) => checkpoint && this.checkpoints.push(checkpoint) },
    });
    const ports = {
      imports,
      uploads: this.#uploads,
      rows: endingAfter(this.#rows, leg?.blocks, end),
      syntax,
      records: this.#records,
      clock: this.#clock,
    };
    try {
      await processCsv(ports, id, 'message', { stop: stop.signal, limits: this.#limits });
    } catch (error) {
      if (process.isDead && error instanceof LedgerUnavailable) return;
      if (!(error instanceof PortError) || error.retryable) throw error;
      this.#refusal = error;
    }
  }

  /** The import as the ledger has it; refused also where the reader of CSV refused the file, which is what the stage makes of it. */
  async head(): Promise<ImportHead> {
    const head = present(await this.#imports.find(id));
    if (!this.#refusal) return head;
    return { ...head, state: 'refused', refusal: { code: this.#refusal.code, message: this.#refusal.message } };
  }

  /** The batches on the queue as text, by row; those that were sent again only once, and they must be the same. */
  texts(): readonly string[] {
    const texts = new Map<number, string>();
    for (const text of this.#records.texts()) {
      const { firstRow } = batchOf(text);
      const before = texts.get(firstRow);
      if (before !== undefined && before !== text) throw new Error(`Two batches start at row ${firstRow}: ${before} and ${text}`);
      texts.set(firstRow, text);
    }
    return [...texts].sort(([one], [other]) => one - other).map(([, text]) => text);
  }
}

const id = 'import';
const upload: Upload = { identity: 'sha256:any', location: 'any', name: 'people.csv', size: 0 };

/** A batch as whoever stores it gets it. */
export function batchOf(text: string): RecordBatch {
  const content = jsonRecordBatches.decode(text);
  if (!content.ours) throw new Error(`A batch is not ours: ${content.why}`);
  return content.message;
}

/** The reader, which does something after so many blocks, before it gives out the next one. */
function endingAfter(reader: RowReader, blocks: number | undefined, end: () => void): RowReader {
  let read = 0;
  return {
    detect: (...args) => reader.detect(...args),
    async *read(...args): AsyncIterable<RowBlock> {
      for await (const block of reader.read(...args)) {
        if (read++ === blocks) end();
        yield block;
      }
    },
  };
}
