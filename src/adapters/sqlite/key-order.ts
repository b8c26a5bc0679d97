import type { RecordBatch, UserRecord } from '../../ports/vocabulary.ts';

/**
 * All records of some batches by key, so that neighbours in the table are written together; of one key, the first row first. A
 * record is named by its place among them all: numbers cost less than an object a record. Most files have no order, some have
 * one already: those are not sorted.
 */
export class KeyOrder {
  /** The places by key. */
  readonly places: Uint32Array;
  readonly #batches: readonly RecordBatch[];
  readonly #numbers: readonly number[];
  readonly #records: readonly UserRecord[];
  /** At each place, which of the batches it belongs to; and for each batch its first place. */
  readonly #batchAt: Uint16Array;
  readonly #starts: number[] = [];

  constructor(batches: readonly RecordBatch[], numbers: readonly number[]) {
    this.#batches = batches;
    this.#numbers = numbers;
    this.#records = batches.flatMap((batch) => batch.records);
    this.#batchAt = new Uint16Array(this.#records.length);
    let start = 0;
    for (const [index, batch] of batches.entries()) {
      this.#starts.push(start);
      this.#batchAt.fill(index, start, (start += batch.records.length));
    }
    this.places = new Uint32Array(this.#records.length);
    let ordered = true;
    for (let place = 0; place < this.places.length; place++) {
      this.places[place] = place;
      ordered &&= place === 0 || this.record(place - 1).key <= this.record(place).key;
    }
    if (!ordered) this.#sort();
  }

  record(place: number): UserRecord {
    return this.#records[place] as UserRecord;
  }

  batchOf(place: number): RecordBatch {
    return this.#batches[this.#batchAt[place] as number] as RecordBatch;
  }

  /** The number of the import that the record belongs to. */
  number(place: number): number {
    return this.#numbers[this.#batchAt[place] as number] as number;
  }

  /** Puts the answer where the record stands in its batch. */
  put<T>(answers: readonly T[][], place: number, answer: T): void {
    const batch = this.#batchAt[place] as number;
    (answers[batch] as T[])[place - (this.#starts[batch] as number)] = answer;
  }

  #sort(): void {
    const keys = this.#records.map((record) => record.key);
    this.places.sort((a, b) => {
      const [one, other] = [keys[a] as string, keys[b] as string];
      return one < other ? -1 : one > other ? 1 : a - b;
    });
  }
}
