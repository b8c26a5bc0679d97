import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryIds } from '../../../src/adapters/memory/ids.ts';
import { SqliteDatabase } from '../../../src/adapters/sqlite/database.ts';
import type { World } from '../../contracts/world.ts';

/** A database on disk in a folder of its own, which goes when the world is closed. */
export class SqliteWorld implements World {
  readonly clock = new MemoryClock();
  readonly ids = new MemoryIds();
  readonly db: SqliteDatabase;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-sqlite-'));
  readonly #peers: SqliteDatabase[] = [];

  constructor() {
    this.db = new SqliteDatabase(this.file);
  }

  get file(): string {
    return join(this.#folder, 'world.db');
  }

  /** One more connection, as another process has it. */
  connect(): SqliteDatabase {
    const db = new SqliteDatabase(this.file);
    this.#peers.push(db);
    return db;
  }

  /** The texts that a query answers, asked behind the adapter. */
  texts(sql: string, ...values: readonly unknown[]): readonly string[] {
    const db = new Sqlite(this.file, { readonly: true });
    try {
      return db
        .prepare(sql)
        .pluck()
        .all(...values) as string[];
    } finally {
      db.close();
    }
  }

  /** How many rows a table has. */
  count(table: string): number {
    return Number(this.texts(`SELECT count(*) FROM ${table}`)[0]);
  }

  /** Changes something behind the adapter. */
  write(sql: string, ...values: readonly unknown[]): void {
    const db = new Sqlite(this.file);
    try {
      db.prepare(sql).run(...values);
    } finally {
      db.close();
    }
  }

  now(): number {
    return this.clock.now();
  }

  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    this.db.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The world with further members, which keep their own `this`. */
export function withPorts<T extends object>(world: SqliteWorld, ports: T): T & World {
  return { ...ports, now: () => world.now(), advance: (ms) => world.advance(ms), close: () => world.close() };
}
