import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Maker, UserDirectory } from '../../src/ports/user-directory.ts';
import type { AddressKey, RecordBatch, User, UserRecord } from '../../src/ports/vocabulary.ts';
import { batchOf, keyOf, recordOf, recordsOf } from './batches.ts';
import { present, testsNeeding, upTo, type Lacks, type World } from './world.ts';

/** An empty directory. */
export interface UserDirectoryWorld extends World {
  readonly users: UserDirectory;
  /** The keys of all users that the technology keeps, in any order; read behind the adapter. */
  peek(): Promise<readonly AddressKey[]>;
  /** The same directory through a connection of its own, as another process has it. Closed with the world. */
  peer?(): Promise<UserDirectory>;
}

export type UserDirectoryCapability =
  /** Several connections to one directory. */
  | 'peer'
  /** Lists by key. */
  | 'ordered-list'
  /** A count that is exact at any moment. */
  | 'exact-count';

/** Everything that UserDirectory promises. */
export function userDirectoryContract(
  label: string,
  factory: () => Promise<UserDirectoryWorld>,
  lacks: Lacks<UserDirectoryCapability> = {},
): void {
  const testNeeding = testsNeeding(lacks);

  describe(`${label} keeps the contract of UserDirectory`, () => {
    let world: UserDirectoryWorld;
    let users: UserDirectory;
    beforeEach(async () => {
      world = await factory();
      users = world.users;
    });
    afterEach(() => world.close());

    const findOne = async (key: AddressKey) => (await users.find([key]))[0];

    describe('inserting', () => {
      test('every record makes a user, and this very row made it', async () => {
        const records = [recordOf(3, 'a@example.com'), recordOf(4, 'b@example.com', { address: 'B@Example.com', name: 'B' })];
        expect(await users.store([batchOf(records, { importId: 'import-x', welcome: false })])).toStrictEqual([['this', 'this']]);
        expect(await users.find(['a@example.com', 'b@example.com'])).toStrictEqual([
          userOf(present(records[0]), { importId: 'import-x', welcome: false }),
          userOf(present(records[1]), { importId: 'import-x', welcome: false }),
        ]);
      });

      test('a user without attributes comes back without that key', async () => {
        await users.store([batchOf([recordOf(1, 'a@example.com')])]);
        expect(Object.keys(present(await findOne('a@example.com'))).sort()).toStrictEqual(['address', 'key', 'name', 'origin', 'welcome']);
      });

      test('attributes are kept, whatever they are called', async () => {
        const attributes = Object.fromEntries([
          ['city', 'Zürich'],
          ['城市', '北京'],
          ['__proto__', 'a column can be called so'],
          ['constructor', ''],
          ['10', 'ten'],
          ['long', 'ü'.repeat(20_000)],
        ]);
        await users.store([batchOf([recordOf(1, 'a@example.com', { attributes }), recordOf(2, 'b@example.com', { attributes: {} })])]);
        const [first, second] = await users.find(['a@example.com', 'b@example.com']);
        expect(new Map(Object.entries(present(first?.attributes)))).toStrictEqual(new Map(Object.entries(attributes)));
        expect(second?.attributes).toStrictEqual({});
      });

      test.each(['Zoë 李雷 🎉', 'e\u0301 is not é', '  spaces  ', "O'Brien; DROP TABLE users", '\u202eright to left', 'a\u0000b', 'ﬀ'])(
        'the name %j is kept as it is',
        async (name) => {
          await users.store([batchOf([recordOf(1, 'a@example.com', { name })])]);
          expect((await findOne('a@example.com'))?.name).toBe(name);
        },
      );

      test('no batch, and a batch without records, are answered with as much', async () => {
        expect(await users.store([])).toStrictEqual([]);
        expect(await users.store([batchOf([]), batchOf([recordOf(1, 'a@example.com')]), batchOf([])])).toStrictEqual([[], ['this'], []]);
      });

      test('many batches in one call are answered each in its order', async () => {
        const batches = upTo(20).map((n) => batchOf(shuffled(recordsOf(50, (n - 1) * 50 + 1)), { firstRow: (n - 1) * 50 + 1 }));
        expect(await users.store(batches)).toStrictEqual(batches.map(({ records }) => records.map(() => 'this')));
        expect([...(await world.peek())].sort()).toStrictEqual(upTo(1_000).map((n) => keyOf(n)));
        for (const { records } of batches) {
          expect(await users.find(records.map(({ key }) => key))).toStrictEqual(records.map((record) => userOf(record)));
        }
      });

      test('what is done to a found user or to the records afterwards changes nothing', async () => {
        const attributes = { city: 'Zürich' };
        await users.store([batchOf([recordOf(1, 'a@example.com', { attributes })])]);
        attributes.city = 'changed';
        const found = present(await findOne('a@example.com')) as unknown as { name: string; attributes: { city: string } };
        found.name = 'changed';
        found.attributes.city = 'changed';
        expect(await findOne('a@example.com')).toStrictEqual(userOf(recordOf(1, 'a@example.com', { attributes: { city: 'Zürich' } })));
      });
    });

    describe('own replay', () => {
      test('a batch that is stored again made its users', async () => {
        const batch = batchOf(recordsOf(5));
        await users.store([batch]);
        expect(await users.store([batch])).toStrictEqual([['this', 'this', 'this', 'this', 'this']]);
        expect(await users.store([batch, batch])).toStrictEqual([upTo(5).map(() => 'this'), upTo(5).map(() => 'this')]);
        expect(await world.peek()).toHaveLength(5);
      });

      test('also after others came between, in whatever mode', async () => {
        const batch = batchOf(recordsOf(3), { importId: 'import-a', importedAt: 1_000 });
        const skipping = batchOf(recordsOf(3), { importId: 'import-b', importedAt: 2_000 });
        const updating = batchOf(recordsOf(3), { importId: 'import-c', importedAt: 3_000, onExisting: 'update' });
        await users.store([batch]);
        expect(await users.store([skipping, updating])).toStrictEqual([upTo(3).map(() => 'another'), upTo(3).map(() => 'another')]);
        expect(await users.store([batch])).toStrictEqual([['this', 'this', 'this']]);
        expect(await users.store([updating, skipping])).toStrictEqual([upTo(3).map(() => 'another'), upTo(3).map(() => 'another')]);
      });

      test('an insert that was partly done is finished by the replay', async () => {
        await users.store([batchOf(recordsOf(2))]);
        expect(await users.store([batchOf(recordsOf(4))])).toStrictEqual([['this', 'this', 'this', 'this']]);
        expect(await world.peek()).toHaveLength(4);
      });

      test('the same row of another import is another row, and so is another row of the same import', async () => {
        await users.store([batchOf([recordOf(1, 'a@example.com')], { importId: 'import-a' })]);
        expect(await users.store([batchOf([recordOf(1, 'a@example.com')], { importId: 'import-b' })])).toStrictEqual([['another']]);
        expect(await users.store([batchOf([recordOf(11, 'a@example.com')], { importId: 'import-a' })])).toStrictEqual([['another']]);
      });
    });

    describe('duplicates', () => {
      test('of the rows of one batch with one key exactly one made the user, on replay the same one', async () => {
        const batch = batchOf([
          recordOf(1, 'a@example.com'),
          recordOf(2, 'b@example.com'),
          recordOf(3, 'a@example.com'),
          recordOf(4, 'a@example.com'),
        ]);
        const [makers] = await users.store([batch]);
        expectOneMakerPerKey([batch], [present(makers)]);
        expect((await findOne('a@example.com'))?.origin.row).toBe(madeBy([batch], [present(makers)], 'a@example.com')?.row);
        expect(await users.store([batch])).toStrictEqual([makers]);
      });

      test('of the batches of one call with one key exactly one row made the user', async () => {
        const batches = [batchOf(recordsOf(10), { importId: 'import-a' }), batchOf(recordsOf(10), { importId: 'import-b' })];
        const makers = await users.store(batches);
        expectOneMakerPerKey(batches, makers);
        expect(await users.store(batches)).toStrictEqual(makers);
      });

      test('the key tells who is the same, not the address', async () => {
        await users.store([batchOf([recordOf(1, 'a@example.com', { address: 'A@Example.COM' })])]);
        expect(await users.store([batchOf([recordOf(2, 'a@example.com', { address: 'a@example.com' })])])).toStrictEqual([['another']]);
        expect((await findOne('a@example.com'))?.address).toBe('A@Example.COM');
        expect(await world.peek()).toHaveLength(1);
      });

      test('skip never writes over a user, whatever its version', async () => {
        await users.store([
          batchOf([recordOf(5, 'a@example.com', { name: 'first', attributes: { city: 'Bern' } })], { importedAt: 2_000 }),
        ]);
        const before = await findOne('a@example.com');
        const later = recordOf(9, 'a@example.com', { name: 'later', address: 'A@example.com' });
        await users.store([
          batchOf([later], { importId: 'import-b', importedAt: 9_000, welcome: false }),
          batchOf([later], { importId: 'import-0', importedAt: 1 }),
        ]);
        expect(await findOne('a@example.com')).toStrictEqual(before);
      });

      test('whether a welcome is wanted is fixed by the row that made the user', async () => {
        await users.store([batchOf([recordOf(1, 'a@example.com')], { welcome: false })]);
        await users.store([batchOf([recordOf(1, 'b@example.com')], { welcome: true })]);
        const updates = [recordOf(1, 'a@example.com', { name: 'updated' }), recordOf(2, 'b@example.com', { name: 'updated' })];
        for (const welcome of [true, false]) {
          await users.store([batchOf(updates, { importId: `import-${welcome}`, importedAt: 5_000, onExisting: 'update', welcome })]);
        }
        const found = await users.find(['a@example.com', 'b@example.com']);
        expect(found.map((user) => [user?.name, user?.welcome])).toStrictEqual([
          ['updated', false],
          ['updated', true],
        ]);
      });
    });

    describe('updating', () => {
      const update = (row: number, importId: string, importedAt: number, parts: Partial<UserRecord>): RecordBatch =>
        batchOf([recordOf(row, 'a@example.com', parts)], { importId, importedAt, onExisting: 'update' });

      test('a greater version writes address, name and attributes, and leaves the origin', async () => {
        await users.store([batchOf([recordOf(1, 'a@example.com', { attributes: { city: 'Bern', size: 'L' } })])]);
        const parts = { address: 'A@example.com', name: 'New', attributes: { city: 'Basel' } };
        expect(await users.store([update(7, 'import-b', 2_000, parts)])).toStrictEqual([['another']]);
        expect(await findOne('a@example.com')).toStrictEqual({
          key: 'a@example.com',
          ...parts,
          origin: { importId: 'import-a', row: 1 },
          welcome: true,
        });
      });

      test('a record without attributes leaves none', async () => {
        await users.store([batchOf([recordOf(1, 'a@example.com', { attributes: { city: 'Bern' } })])]);
        await users.store([update(7, 'import-b', 2_000, { name: 'New' })]);
        expect(Object.keys(present(await findOne('a@example.com')))).not.toContain('attributes');
      });

      test('an update of an address that is new makes the user', async () => {
        expect(await users.store([update(7, 'import-b', 2_000, { name: 'New' })])).toStrictEqual([['this']]);
        expect((await findOne('a@example.com'))?.origin).toStrictEqual({ importId: 'import-b', row: 7 });
      });

      const versions: [string, RecordBatch, RecordBatch][] = [
        [
          'the time of the import, as a number',
          update(9, 'import-z', 999, { name: 'smaller' }),
          update(1, 'import-a', 1_000, { name: 'greater' }),
        ],
        ['then the import', update(9, 'import-a', 1_000, { name: 'smaller' }), update(1, 'import-b', 1_000, { name: 'greater' })],
        [
          'then the row, as a number',
          update(9, 'import-a', 1_000, { name: 'smaller' }),
          update(10, 'import-a', 1_000, { name: 'greater' }),
        ],
      ];
      test.each(versions)('versions are ordered by %s', async (_, smaller, greater) => {
        await users.store([smaller]);
        await users.store([greater]);
        expect((await findOne('a@example.com'))?.name).toBe('greater');
        await users.store([smaller]);
        expect((await findOne('a@example.com'))?.name).toBe('greater');
      });

      test.each(versions)('a smaller version that comes late writes nothing (%s)', async (_, smaller, greater) => {
        await users.store([greater]);
        await users.store([smaller]);
        expect((await findOne('a@example.com'))?.name).toBe('greater');
      });

      test('a replay of the import that made the user does not undo a later update', async () => {
        const made = update(1, 'import-a', 1_000, { name: 'made' });
        await users.store([made]);
        await users.store([update(1, 'import-b', 2_000, { name: 'updated' })]);
        expect(await users.store([made])).toStrictEqual([['this']]);
        expect((await findOne('a@example.com'))?.name).toBe('updated');
      });

      test('within one batch the greatest row wins, in whatever order they stand', async () => {
        const rows = [
          recordOf(2, 'a@example.com', { name: 'two' }),
          recordOf(3, 'a@example.com', { name: 'three' }),
          recordOf(1, 'a@example.com', { name: 'one' }),
        ];
        await users.store([batchOf(rows, { onExisting: 'update' })]);
        expect((await findOne('a@example.com'))?.name).toBe('three');
      });

      test('a greater version writes over a user that a skipping import made', async () => {
        await users.store([batchOf([recordOf(5, 'a@example.com', { name: 'made' })], { importedAt: 2_000 })]);
        await users.store([update(1, 'import-b', 1_000, { name: 'older' })]);
        expect((await findOne('a@example.com'))?.name).toBe('made');
        await users.store([update(1, 'import-c', 3_000, { name: 'newer' })]);
        expect((await findOne('a@example.com'))?.name).toBe('newer');
      });

      test('any order, grouping and repetition of calls ends in the data of the greatest version, one maker a key, origins unmoved', async () => {
        let run = 0;
        await fc.assert(
          fc.asyncProperty(fc.array(callArbitrary, { minLength: 1, maxLength: 6 }), async (calls) => {
            run += 1;
            const batches = calls.flat().map(({ importId, rows }) => {
              const records = rows.map((row) => recordOf(row, `run${run}-${row % 2}@example.com`, { name: `${importId}/${row}` }));
              return batchOf(records, { importId, importedAt: importTimes[importId], onExisting: 'update' });
            });
            const origins = new Map<AddressKey, User['origin']>();
            const answers: (readonly Maker[])[] = [];
            let from = 0;
            for (const call of calls) {
              answers.push(...(await users.store(batches.slice(from, from + call.length))));
              from += call.length;
              for (const { key, origin } of await stored(users, batches.slice(0, from))) {
                expect(origin).toStrictEqual(origins.get(key) ?? origin);
                origins.set(key, origin);
              }
            }
            for (const user of await stored(users, batches)) {
              const writes = batches.flatMap((batch) =>
                batch.records.filter(({ key }) => key === user.key).map((record) => ({ batch, record })),
              );
              expect(user.name).toBe(writes.reduce((a, b) => (isGreater(b, a) ? b : a)).record.name);
            }
            expectOneMakerPerKey(batches, answers);
          }),
          { numRuns: 60 },
        );
      });
    });

    describe('at once', () => {
      test('of two imports with the same people each person is made once', async () => {
        const batches = ['import-a', 'import-b'].flatMap((importId) =>
          upTo(4).map((n) => batchOf(shuffled(recordsOf(50, (n - 1) * 50 + 1)), { importId, firstRow: (n - 1) * 50 + 1 })),
        );
        const answers = await Promise.all(batches.map((batch) => users.store([batch])));
        expectOneMakerPerKey(
          batches,
          answers.map((answer) => present(answer[0])),
        );
        expect(await world.peek()).toHaveLength(200);
      });

      test('one batch delivered several times at once gives one answer', async () => {
        const batch = batchOf(recordsOf(50));
        const answers = await Promise.all(upTo(5).map(() => users.store([batch])));
        expect(answers).toStrictEqual(upTo(5).map(() => [upTo(50).map(() => 'this')]));
      });

      test('updates at once end in the data of the greatest version', async () => {
        const batches = shuffled(upTo(20)).map((n) =>
          batchOf([recordOf(n, 'a@example.com', { name: `row ${n}` })], { importedAt: 1_000, onExisting: 'update' }),
        );
        await Promise.all(batches.map((batch) => users.store([batch])));
        expect((await findOne('a@example.com'))?.name).toBe('row 20');
      });

      testNeeding('peer', 'of two connections with the same people each person is made once', async () => {
        const peer = await present(world.peer).call(world);
        const batches = ['import-a', 'import-b'].flatMap((importId) =>
          upTo(4).map((n) => batchOf(shuffled(recordsOf(50, (n - 1) * 50 + 1)), { importId, firstRow: (n - 1) * 50 + 1 })),
        );
        const answers = await Promise.all(batches.map((batch, index) => (index % 2 === 0 ? users : peer).store([batch])));
        expectOneMakerPerKey(
          batches,
          answers.map((answer) => present(answer[0])),
        );
        expect(await peer.find([keyOf(1)])).toStrictEqual(await users.find([keyOf(1)]));
      });
    });

    describe('finding, listing and counting', () => {
      test('users are found in the order of the keys, undefined where there is none', async () => {
        await users.store([batchOf(recordsOf(3))]);
        const keys = [keyOf(3), 'nobody@example.com', keyOf(1), keyOf(3), ''];
        expect((await users.find(keys)).map((user) => user?.key)).toStrictEqual([keyOf(3), undefined, keyOf(1), keyOf(3), undefined]);
        expect(await users.find([])).toStrictEqual([]);
      });

      test('2,500 keys are found in one call', async () => {
        await users.store([batchOf(recordsOf(2_500))]);
        const keys = shuffled(upTo(2_500).map((n) => keyOf(n)));
        expect((await users.find(keys)).map((user) => user?.key)).toStrictEqual(keys);
      });

      testNeeding('ordered-list', 'pages hold each user once, in the order of the keys', async () => {
        const keys = ['a+b', 'a-b', 'a.b', 'a0', 'a', 'a_b', 'aa', 'b', 'ab', 'a~b', 'a{b'].map((local) => `${local}@example.com`);
        await users.store([batchOf(keys.map((key, index) => recordOf(index + 1, key)))]);
        const seen: User[] = [];
        for (;;) {
          const page = await users.list(3, seen.at(-1)?.key);
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(3);
          seen.push(...page);
        }
        expect(seen.map(({ key }) => key)).toStrictEqual([...keys].sort());
        expect(seen).toStrictEqual(await users.find([...keys].sort()));
      });

      testNeeding('ordered-list', 'a list goes on after a key that nobody has', async () => {
        await users.store([batchOf(recordsOf(3))]);
        expect((await users.list(10, `${keyOf(2)}x`)).map(({ key }) => key)).toStrictEqual([keyOf(3)]);
        expect(await users.list(10, 'zzz')).toStrictEqual([]);
      });

      testNeeding('exact-count', 'users are counted once, however often they are stored', async () => {
        expect(await users.count()).toBe(0);
        await users.store([batchOf(recordsOf(3)), batchOf(recordsOf(5), { importId: 'import-b', onExisting: 'update' })]);
        expect(await users.count()).toBe(5);
      });
    });
  });
}

/** When the imports of the property were created: one earlier though its name is later, two at one moment. */
const importTimes = { 'import-a': 1_000, 'import-b': 999, 'import-c': 1_000 };

/** A call of `store`: batches of few imports, rows and people, so that they meet. A row of an import is the same row wherever it stands. */
const callArbitrary = fc.array(
  fc.record({
    importId: fc.constantFrom('import-a' as const, 'import-b' as const, 'import-c' as const),
    rows: fc.uniqueArray(fc.integer({ min: 8, max: 12 }), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
);

interface Write {
  readonly batch: RecordBatch;
  readonly record: UserRecord;
}

function isGreater(a: Write, b: Write): boolean {
  if (a.batch.importedAt !== b.batch.importedAt) return a.batch.importedAt > b.batch.importedAt;
  if (a.batch.importId !== b.batch.importId) return a.batch.importId > b.batch.importId;
  return a.record.row > b.record.row;
}

async function stored(users: UserDirectory, batches: readonly RecordBatch[]): Promise<User[]> {
  const keys = [...new Set(batches.flatMap(({ records }) => records.map(({ key }) => key)))];
  return (await users.find(keys)).map(present);
}

/** Rows are counted once, however often they were delivered. */
function expectOneMakerPerKey(batches: readonly RecordBatch[], answers: readonly (readonly Maker[])[]): void {
  expect(answers.map((makers) => makers.length)).toStrictEqual(batches.map(({ records }) => records.length));
  const makers = new Map<AddressKey, Set<string>>();
  batches.forEach(({ importId, records }, b) => {
    records.forEach(({ key, row }, r) => {
      const rows = makers.get(key) ?? new Set();
      makers.set(key, rows);
      if (answers[b]?.[r] === 'this') rows.add(`${importId} ${row}`);
    });
  });
  expect([...makers].filter(([, rows]) => rows.size !== 1)).toStrictEqual([]);
}

function madeBy(batches: readonly RecordBatch[], answers: readonly (readonly Maker[])[], key: AddressKey): UserRecord | undefined {
  return batches.flatMap(({ records }, b) => records.filter((record, r) => record.key === key && answers[b]?.[r] === 'this'))[0];
}

function userOf(record: UserRecord, { importId = 'import-a', welcome = true } = {}): User {
  const { row, ...data } = record;
  return { ...data, origin: { importId, row }, welcome };
}

/** The same people in another order: by the end of a multiplication, which is the same in every run. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item, index) => ({ item, place: (index * 7_919) % 10_007 }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
