import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { Bell } from '../../../src/adapters/sqlite/bell.ts';
import { SqliteDatabase } from '../../../src/adapters/sqlite/database.ts';
import { DatabaseForeign, DatabaseNewer, DatabaseUnopenable } from '../../../src/adapters/sqlite/errors.ts';
import { SqliteImportLedger } from '../../../src/adapters/sqlite/import-ledger.ts';
import { SqliteMessageQueue } from '../../../src/adapters/sqlite/message-queue.ts';
import { migrations } from '../../../src/adapters/sqlite/schema.ts';
import { SqliteUserDirectory } from '../../../src/adapters/sqlite/user-directory.ts';
import { SqliteUserFeed } from '../../../src/adapters/sqlite/user-feed.ts';
import { SqliteWelcomeLedger } from '../../../src/adapters/sqlite/welcome-ledger.ts';
import { leased, newImport, readerLeaseMs } from '../../../src/domain/user-import/import.ts';
import { batchOf, recordsOf } from '../../contracts/batches.ts';
import { noteCodec } from '../../contracts/message-queue.contract.ts';
import { SqliteWorld } from './world.ts';

const hour = 3_600_000;

describe('opening a database', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-database-'));
    file = join(folder, 'some.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const opened = (options = {}): unknown => {
    try {
      new SqliteDatabase(file, options).close();
      return 'opened';
    } catch (error) {
      return error;
    }
  };
  const look = <T>(work: (db: Sqlite.Database) => T): T => {
    const db = new Sqlite(file);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };

  test('a new one gets every step of the schema, and is marked as ours', () => {
    expect(opened()).toBe('opened');
    look((db) => {
      expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
      expect(Buffer.from((db.pragma('application_id', { simple: true }) as number).toString(16), 'hex').toString()).toBe('Roll');
      const tables = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .pluck()
        .all();
      expect(tables).toStrictEqual([
        'answers',
        'batch_results',
        'dead_letters',
        'feed',
        'feed_lease',
        'import_names',
        'imports',
        'messages',
        'part_failures',
        'rejections',
        'settings',
        'users',
        'welcomes',
      ]);
    });
  });

  test('opened again, it is as it was', () => {
    opened();
    look((db) => db.prepare("INSERT INTO settings VALUES ('channel', 'maildir')").run());
    expect(opened({ mustExist: true })).toBe('opened');
    expect(look((db) => db.prepare('SELECT value FROM settings').pluck().get())).toBe('maildir');
  });

  test('an empty file is a new one', () => {
    writeFileSync(file, '');
    expect(opened()).toBe('opened');
    expect(look((db) => db.pragma('user_version', { simple: true }))).toBe(migrations.length);
  });

  test('one of a newer schema is refused, and left as it is', () => {
    opened();
    look((db) => db.pragma(`user_version = ${migrations.length + 1}`));
    const error = opened();
    expect(error).toBeInstanceOf(DatabaseNewer);
    expect(error).toMatchObject({
      message: `The database ${file} was written by a newer version of Rollcall (schema ${migrations.length + 1}; this one knows ${migrations.length}).`,
      hint: 'Update Rollcall, or name another file with --db.',
      code: 'database-newer',
      retryable: false,
    });
    expect(look((db) => db.pragma('user_version', { simple: true }))).toBe(migrations.length + 1);
  });

  test.each([
    ['no version', 0],
    ['a version of its own', 1],
  ])('one of another program, with %s, is refused', (_, version) => {
    look((db) => {
      db.exec('CREATE TABLE theirs (x)');
      db.pragma(`user_version = ${version}`);
    });
    const error = opened();
    expect(error).toBeInstanceOf(DatabaseForeign);
    expect(error).toMatchObject({
      message: `${file} is a database of another program.`,
      hint: 'Name another file with --db.',
      code: 'database-foreign',
      retryable: false,
    });
  });

  test('one of another program is not touched', () => {
    look((db) => db.exec('CREATE TABLE theirs (x)'));
    const before = readFileSync(file);
    opened();
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(look((db) => db.pragma('journal_mode', { simple: true }))).toBe('delete');
  });

  test('a file that is no database is refused', () => {
    writeFileSync(file, 'name,email\n'.repeat(1_000));
    const error = opened();
    expect(error).toBeInstanceOf(DatabaseForeign);
    expect(error).toMatchObject({
      message: `${file} is not a database.`,
      hint: 'Name another file with --db.',
      code: 'database-foreign',
    });
  });

  test('one that is not there is refused where it must be', () => {
    const error = opened({ mustExist: true });
    expect(error).toBeInstanceOf(DatabaseUnopenable);
    expect(error).toMatchObject({
      message: `The database ${file} cannot be opened.`,
      hint: 'Look whether its folder exists and may be written to, or name another database with --db.',
    });
  });

  test('commits go through a write-ahead log that is synced at checkpoints', () => {
    const db = new SqliteDatabase(file);
    expect(db.durability).toStrictEqual({ journal: 'wal', synchronous: 'NORMAL' });
    db.close();
  });
});

describe('transactions', () => {
  let world: SqliteWorld;
  beforeEach(() => {
    world = new SqliteWorld();
  });
  afterEach(() => world.close());

  const put = (name: string) => world.db.statement('INSERT INTO settings VALUES (?, ?)').run(name, 'x');
  const names = () => world.texts('SELECT name FROM settings ORDER BY name');

  test('all of the work is kept, or nothing', () => {
    world.db.transaction(() => {
      put('a');
      put('b');
    });
    expect(() =>
      world.db.transaction(() => {
        put('c');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(names()).toStrictEqual(['a', 'b']);
  });

  test('one within another is part of it', () => {
    expect(() =>
      world.db.transaction(() => {
        world.db.transaction(() => put('a'));
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(names()).toStrictEqual([]);
  });

  test('it holds the write lock from its beginning', () => {
    const peer = new Sqlite(world.file, { timeout: 0 });
    world.db.transaction(() => {
      expect(() => peer.exec("INSERT INTO settings VALUES ('theirs', 'x')")).toThrow('locked');
    });
    peer.exec("INSERT INTO settings VALUES ('theirs', 'x')");
    peer.close();
    expect(names()).toStrictEqual(['theirs']);
  });

  test('a statement is prepared once', () => {
    expect(world.db.statement('SELECT 1')).toBe(world.db.statement('SELECT 1'));
  });
});

describe('sync', () => {
  let world: SqliteWorld;
  beforeEach(() => {
    world = new SqliteWorld();
  });
  afterEach(() => world.close());

  test('what is committed then survives in the file and its log alone', async () => {
    world.db.statement("INSERT INTO settings VALUES ('channel', 'maildir')").run();
    await world.db.sync();
    const copy = `${world.file}-copy`;
    for (const end of ['', '-wal']) copyFileSync(`${world.file}${end}`, `${copy}${end}`);
    const db = new Sqlite(copy);
    expect(db.prepare('SELECT value FROM settings').pluck().get()).toBe('maildir');
    db.close();
  });

  test('those who ask while one runs share the next one, since theirs may be a later commit', async () => {
    const first = world.db.sync();
    const second = world.db.sync();
    const third = world.db.sync();
    expect(second).not.toBe(first);
    expect(third).toBe(second);
    await first;
    const fourth = world.db.sync();
    await Promise.all([second, third, fourth]);
    const later = world.db.sync();
    expect([first, second, fourth]).not.toContain(later);
    await later;
  });

  test('many at once all come to an end', async () => {
    const syncs = Array.from({ length: 100 }, () => world.db.sync());
    await Promise.all(syncs);
    expect(new Set(syncs).size).toBe(2);
  });
});

describe('the leases of the dead', () => {
  let world: SqliteWorld;
  let queue: SqliteMessageQueue<{ readonly n: number; readonly text: string }>;
  let welcomes: SqliteWelcomeLedger;
  let imports: SqliteImportLedger;
  let feed: SqliteUserFeed;
  /** One message in flight and one that is delayed, a claim, a reader, and an open batch of the feed: all of a process that died. */
  beforeEach(async () => {
    world = new SqliteWorld();
    const { db, clock, ids } = world;
    queue = new SqliteMessageQueue(db, 'records', noteCodec, clock, new Bell(), { visibilityMs: 30_000, lookMs: 100 });
    welcomes = new SqliteWelcomeLedger(db);
    imports = new SqliteImportLedger(db);
    feed = new SqliteUserFeed(db, clock, ids, new Bell(), { leaseMs: 30_000, lookMs: 100 });
    await queue.send([{ body: { n: 1, text: 'in flight' } }]);
    await queue.receive(1, 0);
    await queue.send([{ body: { n: 2, text: 'delayed' }, delayMs: 5_000 }]);
    const claim = { userId: 'u1', importId: 'import-a', revision: 0, attempts: 1, uncertainSends: 0, at: world.now() } as const;
    await welcomes.replace([
      { ...claim, state: 'claimed', token: 't', leaseUntil: world.now() + 30_000 },
      { ...claim, userId: 'u2', state: 'waiting', retryAt: world.now() + 30_000 },
    ]);
    const head = newImport(
      'import-a',
      { identity: 'i', location: 'l', name: 'n', size: 1 },
      { map: {}, keep: [], onExisting: 'skip' },
      true,
      undefined,
      1_000,
    );
    await imports.create(head);
    await imports.replace(leased(head, 'm1', world.now()));
    await new SqliteUserDirectory(db, new Bell()).store([batchOf(recordsOf(2))]);
    await feed.receive(10, 0);
  });
  afterEach(() => world.close());

  const state = async () => ({
    depth: await queue.depth(),
    leaseUntil: (await welcomes.find(['u1']))[0]?.leaseUntil,
    retryAt: (await welcomes.find(['u2']))[0]?.retryAt,
    holder: (await imports.find('import-a'))?.lease?.holder,
    fed: world.count('feed_lease'),
  });
  const held = () => ({
    depth: { ready: 0, inFlight: 1, delayed: 1 },
    leaseUntil: world.now() + 30_000,
    retryAt: world.now() + 30_000,
    holder: 'm1',
    fed: 1,
  });

  test('end at once where nobody else has the database open; what merely waits keeps waiting', async () => {
    expect(await state()).toStrictEqual(held());
    expect(world.db.endLeasesOfTheDead(world.now())).toBe(true);
    expect(await state()).toStrictEqual({
      depth: { ready: 1, inFlight: 0, delayed: 1 },
      leaseUntil: world.now(),
      retryAt: world.now() + 30_000,
      holder: undefined,
      fed: 0,
    });
    expect((await feed.receive(10, 0)).users).toHaveLength(2);
    expect((await imports.find('import-a'))?.revision).toBe(1);
  });

  test('stay where somebody else has it open', async () => {
    world.connect();
    expect(world.db.endLeasesOfTheDead(world.now())).toBe(false);
    expect(await state()).toStrictEqual(held());
  });

  test('end when the others are gone', async () => {
    const peer = new SqliteDatabase(world.file);
    expect(world.db.endLeasesOfTheDead(world.now())).toBe(false);
    peer.close();
    expect(world.db.endLeasesOfTheDead(world.now())).toBe(true);
  });

  test('end as much earlier as the clock was set back, and so does every wait', async () => {
    const before = held();
    world.db.noteTime(world.now());
    const later = world.now() - hour;
    world.db.noteTime(later);
    expect(await state()).toMatchObject({ leaseUntil: before.leaseUntil - hour, retryAt: before.retryAt - hour });
    expect((await imports.find('import-a'))?.lease).toStrictEqual({ holder: 'm1', until: later + readerLeaseMs });
    expect(world.texts('SELECT visible_at FROM messages ORDER BY id').map(Number)).toStrictEqual([later + 30_000, later + 5_000]);
    expect(world.texts('SELECT until FROM feed_lease').map(Number)).toStrictEqual([later + 30_000]);
    // Nobody who was under way finds that another came first.
    expect((await imports.find('import-a'))?.revision).toBe(1);
    expect((await welcomes.find(['u1']))[0]?.revision).toBe(1);
  });

  test('end as much earlier once, however many notice it', async () => {
    const peer = world.connect();
    for (const db of [world.db, peer]) db.noteTime(world.now());
    for (const db of [world.db, peer, world.connect()]) db.noteTime(world.now() - hour);
    expect(await state()).toMatchObject({ leaseUntil: held().leaseUntil - hour });
  });

  test('stay where the clock goes on, jumps forward, or goes back by no more than threads differ', async () => {
    world.db.noteTime(world.now());
    for (const ms of [10, 2_000, 1_500, hour]) world.db.noteTime(world.now() + ms);
    expect(await state()).toStrictEqual(held());
  });

  test('others can open and write the database afterwards, and wait for its locks', () => {
    expect(world.db.endLeasesOfTheDead(world.now())).toBe(true);
    const peer = world.connect();
    peer.transaction(() => peer.statement("INSERT INTO settings VALUES ('theirs', 'x')").run());
    expect(world.texts("SELECT value FROM settings WHERE name = 'theirs'")).toStrictEqual(['x']);
    expect(world.db.statement('PRAGMA busy_timeout').pluck().get()).toBe(10_000);
    expect(world.db.statement('PRAGMA locking_mode').pluck().get()).toBe('normal');
  });
});
