import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { S3UploadTickets } from '../../../src/adapters/s3/upload-tickets.ts';
import { objectAt } from '../../../src/adapters/s3/object.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { SystemIds } from '../../../src/adapters/system/ids.ts';
import { UploadsUnavailable, UploadUnreadable } from '../../../src/ports/upload-store.ts';
import type { UploadTicket } from '../../../src/ports/upload-tickets.ts';
import { uploadTicketsContract } from '../../contracts/upload-tickets.contract.ts';
import { present } from '../../contracts/world.ts';
import { AwsEmulator } from '../../emulators/aws.ts';
import { clientOf, landedAs } from './world.ts';

jest.setTimeout(60_000);

const bucket = 'uploads';
let emulator: AwsEmulator;
let client: S3Client;
beforeAll(async () => {
  emulator = await AwsEmulator.start();
  emulator.s3.createBucket(bucket);
  client = clientOf(emulator);
});
afterAll(async () => {
  client.destroy();
  await emulator.close();
});

const ticketsOf = (of: S3Client) =>
  new S3UploadTickets(of, new SystemClock(), new SystemIds(), { bucket, maxBytes: 2_000, validMs: 3_600_000 });

async function post(ticket: UploadTicket, bytes: Uint8Array, changed: Readonly<Record<string, string>> = {}): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...ticket.fields, ...changed })) form.set(name, value);
  form.set('file', new Blob([new Uint8Array(bytes)]), 'as-the-browser-calls-it.csv');
  return fetch(ticket.url, { method: 'POST', body: form });
}

uploadTicketsContract('S3UploadTickets', async () => {
  jest.useFakeTimers({
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
    ],
  });
  return {
    tickets: ticketsOf(client),
    post: async (ticket, bytes, changed) =>
      (await post(ticket, bytes, changed)).ok ? landedAs(emulator, bucket, present(ticket.fields['key'])) : undefined,
    bring: async (name, bytes) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: bytes }));
      return landedAs(emulator, bucket, name);
    },
    read: async ({ location }) => emulator.s3.getObject(bucket, present(objectAt(location)).key).body,
    remove: async ({ location }) => emulator.s3.deleteObject(bucket, present(objectAt(location)).key),
    now: () => Date.now(),
    advance: async (ms) => {
      jest.setSystemTime(Date.now() + ms);
    },
    close: async () => {
      jest.useRealTimers();
    },
  };
});

describe('S3UploadTickets', () => {
  let tickets: S3UploadTickets;
  beforeEach(() => {
    emulator.forget();
    tickets = ticketsOf(client);
  });
  afterEach(() => emulator.forget());

  const brought = async (metadata: Record<string, string>) => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'by-hand.csv', Body: 'x', Metadata: metadata }));
    return landedAs(emulator, bucket, 'by-hand.csv');
  };

  test('a ticket is for one key under uploads/, of the file’s name alone', async () => {
    const keys = await Promise.all(
      ['C:\\my files\\a.csv', '../../etc/b.csv', '', '..', 'c\u0000\n.csv'].map(
        async (name) => (await tickets.issue(name, {})).fields['key'],
      ),
    );
    const names = keys.map((key) => key?.replace(/^uploads\/[^/]{8,}\//, ''));
    expect(names).toStrictEqual(['a.csv', 'b.csv', 'upload.csv', 'upload.csv', 'c.csv']);
    const long = await tickets.issue(`${'長'.repeat(1_000)}.csv`, {});
    expect(Buffer.byteLength(present(long.fields['key']))).toBeLessThanOrEqual(1_024);
  });

  test('a field that the ticket does not know is not taken', async () => {
    const ticket = await tickets.issue('people.csv', {});
    expect((await post(ticket, Buffer.from('x'), { 'x-amz-meta-rollcall-welcome': 'no' })).status).toBe(403);
  });

  test('metadata that was set by hand is understood', async () => {
    const upload = await brought({
      'rollcall-delimiter': ';',
      'rollcall-keep': 'city,%2A',
      'rollcall-welcome': 'no',
      theirs: 'as they like',
    });
    expect(await tickets.wishes(upload)).toStrictEqual({ delimiter: ';', keep: ['city', '*'], welcome: false });
  });

  test.each([
    [{ 'rollcall-mail': 'none' }, 'rollcall-mail is no wish'],
    [{ 'rollcall-welcome': 'true' }, 'rollcall-welcome is yes or no'],
    [{ 'rollcall-on-existing': 'replace' }, 'rollcall-on-existing is skip or update'],
    [{ 'rollcall-delimiter': '%' }, 'a value is not URL-encoded'],
  ])('metadata such as %j is refused, and says why', async (metadata, why) => {
    await expect(tickets.wishes(await brought(metadata as Record<string, string>))).rejects.toMatchObject({
      code: 'wishes-unusable',
      message: expect.stringContaining(why),
      hint: expect.any(String),
    });
  });

  test('where S3 does not answer, or may not be asked, it says so', async () => {
    const upload = await brought({});
    emulator.failNext('HEAD', { status: 503, code: 'SlowDown' });
    await expect(tickets.wishes(upload)).rejects.toThrow(UploadsUnavailable);
    emulator.failNext('HEAD', { status: 403, code: 'AccessDenied' });
    await expect(tickets.wishes(upload)).rejects.toThrow(UploadUnreadable);
    emulator.failNext('HEAD', { status: 503, code: 'SlowDown' });
    await expect(tickets.find('a/b.csv')).rejects.toThrow(UploadsUnavailable);
    emulator.failNext('HEAD', { status: 403, code: 'AccessDenied' });
    await expect(tickets.find('a/b.csv')).rejects.toThrow(UploadUnreadable);
  });

  test('where the bucket keeps versions, an upload is found as the version that it is', async () => {
    emulator.extras.createVersionedBucket('versions-kept');
    const versioned = new S3UploadTickets(client, new SystemClock(), new SystemIds(), {
      ...{ bucket: 'versions-kept', maxBytes: 2_000, validMs: 60_000 },
    });
    const ticket = await versioned.issue('people.csv', {});
    const answer = await post(ticket, Buffer.from('x'));
    const version = present(answer.headers.get('x-amz-version-id') ?? undefined);
    const key = present(ticket.fields['key']);
    expect(await versioned.find(ticket.place)).toStrictEqual(landedAs(emulator, 'versions-kept', key, version));
  });

  test('on AWS, tickets are for the bucket’s own origin', async () => {
    const real = new S3Client({ region: 'eu-central-1', credentials: emulator.settings.credentials });
    expect(await ticketsOf(real).origin()).toBe('https://uploads.s3.eu-central-1.amazonaws.com');
    real.destroy();
  });

  test('without credentials there are no tickets', async () => {
    const nobody = clientOf(emulator);
    nobody.config.credentials = () => Promise.reject(new Error('no credentials here'));
    await expect(ticketsOf(nobody).issue('people.csv', {})).rejects.toMatchObject({
      code: 'uploads-unavailable',
      message: 'No ticket for people.csv can be signed (no credentials here).',
    });
    nobody.destroy();
  });
});
