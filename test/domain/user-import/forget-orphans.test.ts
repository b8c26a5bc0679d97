import { beforeEach, expect, test } from '@jest/globals';
import { cancelImport } from '../../../src/domain/user-import/cancel-import.ts';
import { forgetOrphans } from '../../../src/domain/user-import/forget-orphans.ts';
import { startImport } from '../../../src/domain/user-import/start-import.ts';
import type { SpooledUpload, UploadSpool } from '../../../src/ports/upload-spool.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

const hour = 3_600_000;

let world: MemoryWorld;
let spooled: SpooledUpload[];
const spool: UploadSpool = {
  list: async () => [...spooled],
  remove: async ({ name }) => {
    spooled = spooled.filter((upload) => upload.name !== name);
  },
};
const forget = (): Promise<number> => forgetOrphans({ clock: world.clock, imports: world.imports, spool });
const names = (): readonly string[] => spooled.map(({ name }) => name);
beforeEach(() => {
  world = new MemoryWorld();
  spooled = [];
});

test('what no import is to be read from goes when it is older than an hour', async () => {
  const now = world.clock.now();
  spooled = [
    { name: 'older', location: 'spool:older', touchedAt: now - hour - 1 },
    { name: 'younger', location: 'spool:younger', touchedAt: now - hour },
  ];
  expect(await forget()).toBe(1);
  expect(names()).toStrictEqual(['younger']);
  await world.advance(2);
  expect(await forget()).toBe(1);
  expect(await forget()).toBe(0);
});

test('what broke off goes after a day, for whoever sends it may be slow', async () => {
  spooled = [{ name: 'part', touchedAt: world.clock.now() - 24 * hour }];
  expect(await forget()).toBe(0);
  await world.advance(1);
  expect(await forget()).toBe(1);
});

test('what an import is to be read from stays, however old it is; and goes when that is over', async () => {
  const imports = [];
  // More than one page of imports is looked through.
  for (let n = 0; n < 250; n++) {
    const upload = { identity: `sha256:${n}`, location: `spool:${n}`, name: 'people.csv', size: 1 };
    imports.push((await startImport(world, { upload, options: noOptions, welcome: true, again: false })).head);
    spooled.push({ name: String(n), location: `spool:${n}`, touchedAt: world.clock.now() });
  }
  await world.advance(30 * 24 * hour);
  expect(await forget()).toBe(0);
  await cancelImport(world, imports[3]?.id ?? '');
  expect(await forget()).toBe(1);
  expect(names()).not.toContain('3');
  expect(names()).toHaveLength(249);
});
