import { beforeEach, describe, expect, test } from '@jest/globals';
import { processCsvStage, type ProcessCsvStagePorts } from '../../src/entrypoints/stages/process-csv.ts';
import { acknowledged, type Verdict } from '../../src/entrypoints/stages/stage.ts';
import { UploadMissing, UploadsUnavailable } from '../../src/ports/upload-store.ts';
import type { Upload } from '../../src/ports/vocabulary.ts';
import { present } from '../contracts/world.ts';
import { MemoryWorld } from '../domain/world.ts';
import { deliveryOf, longest, nobody, raising } from './deliveries.ts';

let world: MemoryWorld;
let ports: ProcessCsvStagePorts;
let first: Upload;
let second: Upload;
beforeEach(async () => {
  world = new MemoryWorld();
  const { imports, uploads, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids } = world;
  ports = { imports, uploads, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random: longest };
  first = await world.upload(
    [
      ['name', 'email'],
      ['A', 'a@example.com'],
    ],
    'first.csv',
  );
  second = await world.upload(
    [
      ['name', 'email'],
      ['B', 'b@example.com'],
    ],
    'second.csv',
  );
});

async function landed(uploads: readonly Upload[], parts: Partial<ProcessCsvStagePorts> = {}): Promise<Verdict | undefined> {
  const stage = processCsvStage({ ...ports, ...parts }, { limits: { rows: 10, bytes: 100_000 } });
  return (await stage.handle([deliveryOf({ landed: uploads })], nobody))[0];
}

const imports = () => world.imports.list(10);
const queued = () => world.uploadQueue.texts();
const letters = () => world.deadLetters.list({}, 10);

describe('process-csv, when uploads landed', () => {
  test('each begins its import, and a message has it read', async () => {
    expect(await landed([first, second])).toStrictEqual(acknowledged);
    const heads = await imports();
    expect(heads.map(({ upload }) => upload)).toEqual(expect.arrayContaining([first, second]));
    expect([...queued()].sort()).toStrictEqual(heads.map(({ id }) => world.uploadCodec.encode({ importId: id })).sort());
    expect(world.records.texts()).toStrictEqual([]);
  });

  test('an upload that is told of twice is one import', async () => {
    await landed([first]);
    expect(await landed([first])).toStrictEqual(acknowledged);
    expect(await imports()).toHaveLength(1);
  });

  test('an import that ended stays so, and is not read again', async () => {
    await landed([first]);
    const head = present((await imports())[0]);
    await world.imports.replace({ ...head, state: 'completed' });
    const before = queued();
    await landed([first]);
    expect(queued()).toStrictEqual(before);
  });

  test('none of them is nothing to do', async () => {
    expect(await landed([])).toStrictEqual(acknowledged);
    expect(await imports()).toStrictEqual([]);
  });

  test('what was wished for with an upload holds for its import', async () => {
    const wishes = async ({ name }: Upload) => (name === 'first.csv' ? ({ onExisting: 'update', welcome: false } as const) : {});
    await landed([first, second], { tickets: { wishes } });
    const heads = await imports();
    const told = heads.map(({ upload, options, welcome }) => [upload.name, options.onExisting, welcome]).sort();
    expect(told).toStrictEqual([
      ['first.csv', 'update', false],
      ['second.csv', 'skip', true],
    ]);
  });

  test('one that cannot be imported lies in dead letters by itself, and the others begin', async () => {
    const gone = new UploadMissing('It is gone.');
    const tickets = { wishes: async (upload: Upload) => (upload === first ? raising(gone)() : {}) };
    expect(await landed([first, second], { tickets })).toStrictEqual(acknowledged);
    expect((await imports()).map(({ upload }) => upload)).toStrictEqual([second]);
    const text = world.uploadCodec.encode({ landed: [first] });
    expect(await letters()).toStrictEqual([
      { id: expect.any(String), queue: 'uploads', text, code: 'upload-missing', cause: 'It is gone.', at: world.now() },
    ]);
  });

  test('its letter, sent back when it is mended, begins the import', async () => {
    await landed([first], { tickets: { wishes: raising(new UploadMissing('It is gone.')) } });
    await world.deadLetters.redrive((await letters()).map(({ id }) => id));
    const [delivery] = await world.uploadQueue.receive(1, 0);
    const stage = processCsvStage(ports, { limits: { rows: 10, bytes: 100_000 } });
    expect(await stage.handle([present(delivery)], nobody)).toStrictEqual([acknowledged]);
    expect(await imports()).toHaveLength(1);
  });

  test('where the store does not answer, the message comes again, and nothing is set aside', async () => {
    const away = new UploadsUnavailable('S3 does not answer.');
    const verdict = await landed([first], { tickets: { wishes: raising(away) } });
    expect(verdict).toStrictEqual({ verdict: 'release', delayMs: expect.any(Number), error: away, trouble: away });
    expect(await letters()).toStrictEqual([]);
    expect(await imports()).toStrictEqual([]);
  });

  test('after an error that nobody expected, the message comes again', async () => {
    const defect = new TypeError('a defect');
    const verdict = await landed([first], { tickets: { wishes: raising(defect) } });
    expect(verdict).toStrictEqual({ verdict: 'release', delayMs: expect.any(Number), error: defect });
    expect(await letters()).toStrictEqual([]);
  });
});
