import { createHash } from 'node:crypto';
import type { AddressKey, OnExisting } from '../../src/ports/vocabulary.ts';
import type { Chance } from './chance.ts';

/** What a run is about: who is imported, by how many processes, and what cannot be processed until it is mended. */
export interface Scenario {
  readonly overSqlite: boolean;
  readonly files: readonly PeopleFile[];
  readonly processes: readonly ProcessOptions[];
  readonly mailer: { readonly idempotent: boolean; readonly concurrency: number; readonly perSecond: number };
  /** Whom the mail server refuses, and always will. */
  readonly refused: ReadonlySet<AddressKey>;
  /** A batch with this person cannot be stored until it is mended. */
  readonly poisoned: AddressKey | undefined;
  /** No welcome can be composed for this person until it is mended. */
  readonly unspeakable: AddressKey | undefined;
  /** Whether texts that are no messages come onto the queues. */
  readonly litter: boolean;
  /** How many calls are made, with faults, before it is let come to rest: one number a storm. */
  readonly storms: readonly number[];
}

/** A file and what is to become of it. */
export interface PeopleFile {
  readonly name: string;
  readonly csv: string;
  /** `sha256:…` of its bytes. */
  readonly identity: string;
  /** It lands in a bucket, which tells of it at least once; other files are handed in by somebody. */
  readonly lands: boolean;
  readonly rows: readonly ExpectedRow[];
  readonly onExisting: OnExisting;
  readonly welcome: boolean;
  /** Imported anew once it is ended. */
  readonly again: boolean;
}

/** A row: whose it is and under which name, or that it is rejected. */
type ExpectedRow = { readonly key: AddressKey; readonly name: string } | { readonly rejected: string };

export interface ProcessOptions {
  readonly batchRows: number;
  readonly batchBytes: number;
  /** How long one reading may take, in milliseconds. */
  readonly legMs: number | undefined;
  readonly insertMost: number;
  readonly sendLanes: number;
}

/** What happens in the run with that chance. */
export function drawScenario(chance: Chance, overSqlite: boolean): Scenario {
  // Now and then a file has more batches than a reader may have under way, and more people than one message welcomes.
  // Not over SQLite, whose queue makes a sender wait for room: a call would last longer than its turn.
  const large = !overSqlite && chance.hits(0.04);
  const pool = large ? chance.between(110, 150) : chance.between(25, 45);
  const files = Array.from({ length: chance.pick([2, 2, 3]) }, (_, index) => drawFile(chance, index, pool, large ? 55 : 21));
  const someone = (): AddressKey => keyOf(chance.between(1, pool));
  return {
    overSqlite,
    files,
    processes: Array.from({ length: chance.pick([1, 2, 2, 3]) }, () => drawProcess(chance, large)),
    mailer: { idempotent: chance.hits(0.25), concurrency: chance.pick([1, 3, 10]), perSecond: chance.pick([Infinity, Infinity, 20, 2]) },
    refused: new Set(chance.hits(0.4) ? [someone(), someone()] : []),
    poisoned: chance.hits(0.35) ? someone() : undefined,
    unspeakable: chance.hits(0.25) ? someone() : undefined,
    litter: chance.hits(0.2),
    storms: Array.from({ length: chance.pick([1, 1, 2]) }, () => chance.between(120, 330)),
  };
}

function drawProcess(chance: Chance, large: boolean): ProcessOptions {
  return {
    batchRows: large ? chance.between(1, 2) : chance.between(3, 7),
    batchBytes: chance.pick([1_500, 100_000]),
    legMs: chance.hits(0.5) ? chance.between(20, 300) : undefined,
    insertMost: chance.pick([1, 2, 4]),
    sendLanes: chance.pick([1, 2]),
  };
}

function drawFile(chance: Chance, index: number, pool: number, least: number): PeopleFile {
  const rowCount = chance.between(least, least + 13);
  const rows: ExpectedRow[] = [];
  const lines = ['name,email'];
  for (let row = 1; row <= rowCount; row++) {
    const name = `Name ${index}.${row}`;
    const number = chance.between(1, pool);
    const [line, expected] = chance.hits(0.12)
      ? drawRejected(chance, name)
      : [`${chance.hits(0.1) ? `"Name\n${index}.${row}"` : name},${written(chance, number)}`, { key: keyOf(number), name }];
    lines.push(line);
    rows.push(expected);
    if (chance.hits(0.05)) lines.push('');
  }
  const csv = lines.join(chance.pick(['\n', '\r\n'])) + (chance.hits(0.5) ? '\n' : '');
  return {
    name: `people-${index}.csv`,
    csv,
    identity: `sha256:${createHash('sha256').update(csv).digest('hex')}`,
    rows,
    ...(chance.hits(0.2)
      ? ({ lands: true, onExisting: 'skip', welcome: true, again: false } as const)
      : { lands: false, onExisting: chance.pick(['skip', 'skip', 'update']), welcome: !chance.hits(0.15), again: chance.hits(0.2) }),
  };
}

function drawRejected(chance: Chance, name: string): readonly [line: string, expected: ExpectedRow] {
  return chance.pick([
    [`${name},`, { rejected: 'missing-address' }],
    [`${name},no-address`, { rejected: 'invalid-address' }],
    [',somebody@example.com', { rejected: 'missing-name' }],
  ] as const);
}

function keyOf(number: number): AddressKey {
  return `user${String(number).padStart(3, '0')}@example.com`;
}

/** The address as people write it. */
function written(chance: Chance, number: number): string {
  const key = keyOf(number);
  return chance.pick([key, key, key.toUpperCase(), key.replace('user', 'User'), ` ${key} `]);
}
