import type { RecordBatch, UserRecord } from '../../src/ports/vocabulary.ts';
import { upTo } from './world.ts';

/** A batch of these records, as process-csv would send it. */
export function batchOf(records: readonly UserRecord[], parts: Partial<Omit<RecordBatch, 'records'>> = {}): RecordBatch {
  return {
    importId: 'import-a',
    importedAt: 1_000,
    firstRow: records[0]?.row ?? 1,
    rows: records.length,
    onExisting: 'skip',
    welcome: true,
    rejections: [],
    ...parts,
    records,
  };
}

/** A record of the person that `key` names. */
export function recordOf(row: number, key: string, parts: Partial<UserRecord> = {}): UserRecord {
  return { row, key, address: key, name: `Name of ${key} in row ${row}`, ...parts };
}

/** Records of different people, in rows that follow each other. */
export function recordsOf(count: number, firstRow = 1, prefix = 'user'): UserRecord[] {
  return upTo(count).map((n) => recordOf(firstRow + n - 1, keyOf(firstRow + n - 1, prefix)));
}

export function keyOf(n: number, prefix = 'user'): string {
  return `${prefix}${String(n).padStart(6, '0')}@example.com`;
}
