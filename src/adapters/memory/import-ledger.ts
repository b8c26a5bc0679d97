import type { BatchResult, ImportHead, ImportLedger, ImportPart, PartFailure, Progress, RowOutcome } from '../../ports/import-ledger.ts';
import type { ImportId, Rejection } from '../../ports/vocabulary.ts';

/** Imports in memory, kept as text. */
export class MemoryImportLedger implements ImportLedger {
  readonly #heads = new Map<ImportId, string>();
  /** By import, then by first row. */
  readonly #results = new Map<ImportId, Map<number, string>>();
  /** By import, then by part. */
  readonly #failures = new Map<ImportId, Map<ImportPart, Failure>>();

  async create(head: ImportHead): Promise<ImportHead> {
    const text = JSON.stringify(head);
    await Promise.resolve();
    const kept = this.#heads.get(head.id) ?? text;
    this.#heads.set(head.id, kept);
    return headOf(kept);
  }

  async find(id: ImportId): Promise<ImportHead | undefined> {
    await Promise.resolve();
    const text = this.#heads.get(id);
    return text === undefined ? undefined : headOf(text);
  }

  async list(limit: number, before?: ImportId): Promise<readonly ImportHead[]> {
    await Promise.resolve();
    const heads = [...this.#heads.values()].map(headOf).sort((a, b) => b.createdAt - a.createdAt || (a.id > b.id ? -1 : 1));
    const start = heads.findIndex(({ id }) => id === before) + 1;
    return heads.slice(start, start + limit);
  }

  async replace(head: ImportHead): Promise<boolean> {
    const next = JSON.stringify({ ...head, revision: head.revision + 1 });
    await Promise.resolve();
    const text = this.#heads.get(head.id);
    if (text === undefined || headOf(text).revision !== head.revision) return false;
    this.#heads.set(head.id, next);
    return true;
  }

  async record(results: readonly BatchResult[]): Promise<void> {
    const texts = results.map((result) => ({ ...result, text: JSON.stringify(result) }));
    for (const { importId, firstRow, text } of texts) {
      await Promise.resolve();
      const kept = inner(this.#results, importId);
      if (!kept.has(firstRow)) kept.set(firstRow, text);
      this.#failures.get(importId)?.delete(firstRow);
    }
  }

  async progress(id: ImportId): Promise<Progress> {
    await Promise.resolve();
    const sums = { inserted: 0, updated: 0, duplicate: 0, rejected: 0 };
    const results = this.#resultsOf(id);
    for (const { outcomes } of results) for (const outcome of outcomes) sums[outcome] += 1;
    const { duplicate: duplicates, ...others } = sums;
    const deadLetters = [...(this.#failures.get(id)?.values() ?? [])].filter(({ dead }) => dead).length;
    return { batches: results.length, ...others, duplicates, deadLetters };
  }

  async noteFailure({ importId, part }: PartFailure): Promise<number> {
    await Promise.resolve();
    const failures = inner(this.#failures, importId);
    const before = failures.get(part) ?? { attempts: 0, dead: false };
    failures.set(part, { ...before, attempts: before.attempts + 1 });
    return before.attempts + 1;
  }

  async markDeadLettered({ importId, part }: PartFailure): Promise<void> {
    await Promise.resolve();
    inner(this.#failures, importId).set(part, { attempts: 0, dead: true });
  }

  async clearFailure(id: ImportId, part: ImportPart): Promise<void> {
    await Promise.resolve();
    this.#failures.get(id)?.delete(part);
  }

  async outcomes(id: ImportId, fromRow: number, limit: number): Promise<readonly RowOutcome[]> {
    await Promise.resolve();
    return this.#resultsOf(id)
      .flatMap(({ firstRow, outcomes }) => outcomes.map((outcome, index) => ({ row: firstRow + index, outcome })))
      .filter(({ row }) => row >= fromRow)
      .slice(0, limit);
  }

  async rejections(id: ImportId, afterRow: number, limit: number): Promise<readonly Rejection[]> {
    await Promise.resolve();
    return this.#resultsOf(id)
      .flatMap(({ rejections }) => rejections)
      .filter(({ row }) => row > afterRow)
      .slice(0, limit);
  }

  /** How many batch results are kept. */
  get size(): number {
    return [...this.#results.values()].reduce((sum, results) => sum + results.size, 0);
  }

  /** By first row. */
  #resultsOf(id: ImportId): BatchResult[] {
    return [...(this.#results.get(id) ?? [])].sort(([a], [b]) => a - b).map(([, text]) => JSON.parse(text) as BatchResult);
  }
}

interface Failure {
  readonly attempts: number;
  /** Whether the part lies in dead letters. */
  readonly dead: boolean;
}

function headOf(text: string): ImportHead {
  return JSON.parse(text) as ImportHead;
}

/** The map of an import, made where there is none yet. */
function inner<K, V>(maps: Map<ImportId, Map<K, V>>, id: ImportId): Map<K, V> {
  const map = maps.get(id) ?? new Map<K, V>();
  maps.set(id, map);
  return map;
}
