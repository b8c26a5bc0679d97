import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  causeOf,
  codeOf,
  redrive,
  retryOrGiveUp,
  setAside,
  setUnreadableAside,
  type FailedMessage,
  type FailurePorts,
} from '../../src/domain/dead-letters.ts';
import { newImport } from '../../src/domain/user-import/import.ts';
import type { DeadLetter, DeadLetterFilter } from '../../src/ports/dead-letters.ts';
import { UploadMissing } from '../../src/ports/upload-store.ts';
import { upTo } from '../contracts/world.ts';
import { faulty } from './faulty.ts';
import { noOptions } from './plain.ts';
import { MemoryWorld } from './world.ts';

let world: MemoryWorld;
let ports: FailurePorts;
beforeEach(async () => {
  world = new MemoryWorld();
  const { deadLetters, imports, clock, ids } = world;
  ports = { deadLetters, imports, clock, ids, random: { next: () => 1 } };
  await imports.create(newImport('import-a', { identity: 'i', location: 'l', name: 'n', size: 1 }, noOptions, true, undefined, 1_000));
});

const letters = () => world.deadLetters.list({}, 10);

describe('retryOrGiveUp', () => {
  const message: FailedMessage = { queue: 'records', text: '{"firstRow":11}', importId: 'import-a', part: 11 };

  test('four failures are tried again, ever later, and the fifth is given up', async () => {
    const fates = [];
    for (let attempt = 1; attempt <= 5; attempt++) fates.push(await retryOrGiveUp(ports, message, new Error(`Failure ${attempt}`)));
    expect(fates).toStrictEqual([
      { fate: 'retry', afterMs: 200 },
      { fate: 'retry', afterMs: 600 },
      { fate: 'retry', afterMs: 1_800 },
      { fate: 'retry', afterMs: 5_400 },
      { fate: 'dead-letter' },
    ]);
    expect(await letters()).toStrictEqual([
      {
        id: world.ids.derived('dead-letter', 'records', message.text),
        queue: 'records',
        text: message.text,
        code: 'unexpected-error',
        cause: 'Failure 5',
        importId: 'import-a',
        at: world.now(),
      },
    ]);
    expect((await world.imports.progress('import-a')).deadLetters).toBe(1);
  });

  test('its attempts begin again after that', async () => {
    for (let attempt = 1; attempt <= 5; attempt++) await retryOrGiveUp(ports, message, new Error('Failure'));
    expect(await retryOrGiveUp(ports, message, new Error('Failure'))).toStrictEqual({ fate: 'retry', afterMs: 200 });
  });

  test('each part of an import has its own attempts', async () => {
    for (let attempt = 1; attempt <= 4; attempt++) await retryOrGiveUp(ports, message, new Error('Failure'));
    expect(await retryOrGiveUp(ports, { ...message, part: 'upload' }, new Error('Failure'))).toMatchObject({ fate: 'retry', afterMs: 200 });
  });

  test('what no attempt can mend is given up at once', async () => {
    const error = new UploadMissing('people.csv is gone.', { hint: 'Put it back.', cause: new Error('ENOENT') });
    expect(await retryOrGiveUp(ports, { ...message, queue: 'uploads', part: 'upload' }, error)).toStrictEqual({ fate: 'dead-letter' });
    expect(await letters()).toMatchObject([{ queue: 'uploads', code: 'upload-missing', cause: 'people.csv is gone.' }]);
    expect((await world.imports.progress('import-a')).deadLetters).toBe(1);
  });

  test('a letter is kept before the ledger says so', async () => {
    const deadLetters = faulty(world.deadLetters, {
      after: {
        put: () => {
          throw new Error('The process died.');
        },
      },
    });
    await expect(retryOrGiveUp({ ...ports, deadLetters }, message, new UploadMissing('gone'))).rejects.toThrow('died');
    expect([(await letters()).length, (await world.imports.progress('import-a')).deadLetters]).toStrictEqual([1, 0]);
    await retryOrGiveUp(ports, message, new UploadMissing('gone'));
    expect([(await letters()).length, (await world.imports.progress('import-a')).deadLetters]).toStrictEqual([1, 1]);
  });
});

test('a message of no import stands in dead letters with its cause, once', async () => {
  for (let time = 1; time <= 2; time++) await setAside(ports, 'uploads', '{"landed":[]}', new UploadMissing('people.csv is gone.'));
  expect(await letters()).toStrictEqual([
    {
      id: world.ids.derived('dead-letter', 'uploads', '{"landed":[]}'),
      queue: 'uploads',
      text: '{"landed":[]}',
      code: 'upload-missing',
      cause: 'people.csv is gone.',
      at: world.now(),
    },
  ]);
});

test('a text that is no message stands in dead letters by itself', async () => {
  await setUnreadableAside(ports, 'welcomes', 'gibberish', 'it is not JSON');
  await setUnreadableAside(ports, 'welcomes', 'gibberish', 'it is not JSON');
  expect(await letters()).toStrictEqual([
    {
      id: world.ids.derived('dead-letter', 'welcomes', 'gibberish'),
      queue: 'welcomes',
      text: 'gibberish',
      code: 'unreadable-message',
      cause: 'Not a message of the welcomes queue: it is not JSON',
      at: world.now(),
    },
  ]);
});

describe('redrive', () => {
  const letterOf = (n: number): DeadLetter => ({
    id: `letter-${n}`,
    queue: 'records',
    text: String(n),
    code: 'x',
    cause: 'Why.',
    importId: `import-${n % 2}`,
    at: n,
  });

  test.each([0, 1, 500, 501, 1_001])('%d letters go back, each once', async (count) => {
    await world.deadLetters.put(upTo(count).map(letterOf));
    const pages: number[] = [];
    const deadLetters = faulty(world.deadLetters, { before: { redrive: (_, ids) => pages.push(ids.length) } });
    expect(await redrive(deadLetters, {})).toBe(count);
    expect(
      world.records
        .texts()
        .map(Number)
        .sort((a, b) => a - b),
    ).toStrictEqual(upTo(count));
    expect(pages).toStrictEqual(upTo(Math.ceil(count / 500)).map((page) => Math.min(500, count - (page - 1) * 500)));
    expect(await world.deadLetters.count({})).toBe(0);
  });

  test.each<[DeadLetterFilter, number]>([
    [{ importId: 'import-1' }, 3],
    [{ importId: 'import-0' }, 2],
    [{ queue: 'uploads' }, 0],
  ])('of those that fit %j', async (filter, sent) => {
    await world.deadLetters.put(upTo(5).map(letterOf));
    expect(await redrive(world.deadLetters, filter)).toBe(sent);
    expect(await world.deadLetters.count({})).toBe(5 - sent);
  });

  test('one that fails again meanwhile is not sent a second time', async () => {
    await world.deadLetters.put(upTo(600).map(letterOf));
    const deadLetters = faulty(world.deadLetters, { after: { redrive: () => world.deadLetters.put([{ ...letterOf(1), at: 10_000 }]) } });
    expect(await redrive(deadLetters, {})).toBe(600);
    expect(await world.deadLetters.count({})).toBe(1);
  });
});

test.each([
  [new UploadMissing('gone'), 'upload-missing', 'gone'],
  [new UploadMissing('gone', { cause: new Error('ENOENT') }), 'upload-missing', 'gone'],
  [new Error('odd'), 'unexpected-error', 'odd'],
  [new Error('odd', { cause: new Error('deep', { cause: 'deeper' }) }), 'unexpected-error', 'odd (deep (deeper))'],
  ['a text', 'unexpected-error', 'a text'],
  [undefined, 'unexpected-error', 'undefined'],
])('%s has the code %s and the cause %j', (error, code, cause) => {
  expect([codeOf(error), causeOf(error)]).toStrictEqual([code, cause]);
});
