import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { SqliteDatabase } from '../../src/adapters/sqlite/database.ts';
import { localLimits, localWorld, spoolFolder } from '../../src/entrypoints/composition/local.ts';
import { mailModule } from '../../src/entrypoints/composition/mail.ts';
import { readerWorld, served } from '../../src/entrypoints/composition/reader-thread.ts';
import { tokens, type World } from '../../src/entrypoints/composition/tokens.ts';

type Name = keyof typeof tokens;

const names = Object.keys(tokens) as Name[];
const mailNames: readonly Name[] = ['templates', 'composer', 'mailer', 'sender', 'sendEmail'];
/** What only the world on AWS has. */
const awsNames: readonly Name[] = ['tickets', 'processCsvPorts', 'releases'];
/** What belongs to the owner of the database alone. */
const ownerNames: readonly Name[] = [
  'acceptedRecords',
  'keys',
  'recordsSource',
  'welcomes',
  'welcomeSource',
  'users',
  'feed',
  'welcomeLedger',
  'insertRecords',
  ...mailNames,
  ...awsNames,
];

let folder: string;
let db: SqliteDatabase;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-composition-'));
  db = new SqliteDatabase(join(folder, 'world.db'));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const telemetry = new MemoryTelemetry();
const mail = () =>
  mailModule({
    mailer: new MemoryMailer(),
    templates: { render: () => ({ subject: '', html: '', text: '' }) },
    from: { address: 'team@example.com' },
  });

/** Looks every token up: those that are absent must be missing, and all others there, each as one object for all. */
function resolveAll(world: World, absent: readonly Name[]): void {
  for (const name of names) {
    const find = (): unknown => world.get<unknown>(tokens[name]);
    if (absent.includes(name)) expect(find).toThrow(`rollcall.${name}`);
    else expect([name, find() === find()]).toStrictEqual([name, true]);
  }
}

describe('every token resolves', () => {
  test('in the world of one process that sends', () => {
    resolveAll(localWorld(db, telemetry, mail()), awsNames);
  });

  test('in one that sends nothing, but for those of mail', () => {
    resolveAll(localWorld(db, telemetry), [...mailNames, ...awsNames]);
  });

  test('in the world of the reading thread, but for those of the owner of the database', () => {
    const { port1, port2 } = new MessageChannel();
    try {
      resolveAll(
        readerWorld({ channel: port1, spoolFolder: spoolFolder(db.file), limits: localLimits, visibilityMs: 30_000 }, telemetry),
        ownerNames,
      );
    } finally {
      port1.close();
      port2.close();
    }
  });
});

test('both ends of a queue are one queue', () => {
  const world = localWorld(db, telemetry);
  expect(world.get(tokens.uploadQueue)).toBe(world.get(tokens.uploadSource));
  expect(world.get(tokens.records)).toBe(world.get(tokens.recordsSource));
  expect(world.get(tokens.welcomes)).toBe(world.get(tokens.welcomeSource));
});

test('whatever the reading thread is served, its owner has, with every method that the thread knows', () => {
  const owner = localWorld(db, telemetry);
  const { port1, port2 } = new MessageChannel();
  try {
    const reader = readerWorld({ channel: port1, spoolFolder: folder, limits: localLimits, visibilityMs: 1_234 }, telemetry);
    for (const name of served) {
      const [here, there] = [reader.get<object>(tokens[name]), owner.get<object>(tokens[name])];
      for (const [method, member] of Object.entries(here)) {
        if (typeof member === 'function')
          expect([name, method, typeof Reflect.get(there, method)]).toStrictEqual([name, method, 'function']);
      }
    }
    expect(reader.get(tokens.uploadSource).visibilityMs).toBe(1_234);
  } finally {
    port1.close();
    port2.close();
  }
});
