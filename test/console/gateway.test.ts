import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { SystemClock } from '../../src/adapters/system/clock.ts';
import { startImport } from '../../src/domain/user-import/start-import.ts';
import { requestOf } from '../../src/domain/user-import/wishes.ts';
import { assetsOf } from '../../src/entrypoints/http/assets.ts';
import { withFormFile } from '../../src/entrypoints/http/multipart.ts';
import { gatewayHandler, toldBy } from '../../src/entrypoints/lambda/gateway-handler.ts';
import type { ImportWishes, UploadTickets } from '../../src/ports/upload-tickets.ts';
import type { Upload } from '../../src/ports/vocabulary.ts';
import { GatewayDouble } from '../emulators/gateway.ts';
import { lasting, RecordedTelemetry } from '../entrypoints/lambda/invocations.ts';
import { HttpTestWorld } from '../http/world.ts';
import { recorded, resources } from '../infra/plan.ts';
import { drop, launchBrowser, openPage } from './browser.ts';
import { withBrowser } from './with-browser.ts';

const token = 'a-token-of-the-issuer';

/** A bucket of another origin, which takes forms of one page, as S3 does with the rule of `infra/storage.tf`. */
class Store implements UploadTickets {
  readonly wishesOf = new Map<string, ImportWishes>();
  /** The origin whose pages may send. */
  allowed = '';
  /** Takes a file in, and answers it as an upload. */
  take: (name: string, bytes: AsyncIterable<Uint8Array>) => Promise<Upload> = () => Promise.reject(new Error('Nobody takes it.'));
  readonly taken = new Map<string, Upload>();
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  #tickets = 0;

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async issue(name: string, wishes: ImportWishes) {
    const place = `${(this.#tickets += 1)}/${name}`;
    this.wishesOf.set(place, wishes);
    return { url: `${await this.origin()}/bucket`, fields: { key: place }, maxBytes: 100_000_000, place, expiresAt: Infinity };
  }

  async wishes(upload: Upload): Promise<ImportWishes> {
    const [place = ''] = [...this.taken].find(([, taken]) => taken.location === upload.location) ?? [];
    return this.wishesOf.get(place) ?? {};
  }

  async find(place: string) {
    return this.taken.get(place);
  }

  async origin() {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.origin !== this.allowed) return void response.writeHead(403).end();
    const cors = { 'Access-Control-Allow-Origin': this.allowed, 'Access-Control-Allow-Methods': 'POST' };
    if (request.method === 'OPTIONS') return void response.writeHead(200, cors).end();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const [, place = ''] = /name="key"\r\n\r\n(.*)\r\n/.exec(body.toString()) ?? [];
    await withFormFile(Readable.from([body]), request.headers['content-type'] ?? '', async ({ name, bytes }) => {
      this.taken.set(place, await this.take(name, bytes));
    });
    response.writeHead(204, cors).end();
  }
}

withBrowser('the console behind a gateway', () => {
  let browser: Browser;
  let world: HttpTestWorld;
  let store: Store;
  let gateway: GatewayDouble;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 30_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    world = new HttpTestWorld();
    store = await new Store().listen();
    store.take = (name, bytes) => world.world.uploads.take(name, bytes);
    const app = world.app({
      ...toldBy,
      world: { tickets: store },
      limits: { watchers: 0, uploadBytes: 4 * 1024 ** 2 },
      assets: assetsOf(join(process.cwd(), 'dist/entrypoints/cli/console')),
    });
    const handler = gatewayHandler(app, { clock: new SystemClock(), telemetry: new RecordedTelemetry() });
    const routes = resources(recorded.everything, 'aws_apigatewayv2_route').map(({ values }) => ({
      key: String(values['route_key']),
      isGuarded: values['authorization_type'] === 'JWT',
    }));
    const invoke = async (event: unknown) => ({ answer: await handler(event, lasting(29_000)) });
    gateway = await GatewayDouble.start({ function: { invoke }, routes, tokens: { [token]: { sub: 'somebody' } } });
    store.allowed = gateway.url;
  });
  afterEach(async () => {
    await gateway.close();
    await store.close();
    await world.close();
  });

  test('asks for a token, sends a file straight to the bucket, and asks from time to time what becomes of it', async () => {
    const { page, context, wrongs } = await openPage(browser, `${gateway.url}/`);
    await page.getByRole('heading', { name: 'A token, please' }).waitFor();
    await page.locator('input[name=token]').fill(token);
    await page.locator('form button').click();

    await drop(page, 'people.csv', 'email,name\nada@example.com,Ada\nbob,Bob\n');
    await page.getByText('Of the first 2 rows, 1 row would be rejected.').waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    // The store tells of the file a little later.
    const asked = (what: RegExp) => gateway.requests.filter((request) => what.test(request)).length;
    while (asked(/^GET \/uploads\//) < 2) await page.waitForTimeout(20);
    const [upload] = [...store.taken.values()];
    if (!upload) throw new Error('The store was sent nothing.');
    await startImport(world.world, requestOf(upload, await store.wishes(upload)));
    await page.getByRole('heading', { name: 'people.csv' }).waitFor();
    while (asked(/^GET \/imports\/\w{32}$/) < 2) await page.waitForTimeout(20);
    world.work();
    await page.locator('.state.completed').waitFor();
    await page.locator('.legend .welcomed dd', { hasText: '1' }).waitFor();

    expect(asked(/^GET \/imports\/\w+\/events/)).toBe(1);
    expect(asked(/^GET \/imports\/\w{32}$/)).toBeGreaterThanOrEqual(3);
    expect(asked(/^POST \/imports(\?|$)/)).toBe(0);
    const origin = await store.origin();
    expect(wrongs.filter((wrong) => wrong !== `asked ${origin}/bucket`)).toStrictEqual([]);
    expect(wrongs.length).toBeGreaterThan(0);
    await context.close();
  }, 60_000);

  test('asks for another token where the one it has is not good any more', async () => {
    const { page, context, wrongs } = await openPage(browser, `${gateway.url}/`);
    await page.locator('input[name=token]').fill('an-old-token');
    await page.locator('form button').click();
    while (gateway.requests.filter((request) => request.startsWith('GET /imports')).length < 2) await page.waitForTimeout(20);
    await page.getByRole('heading', { name: 'A token, please' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(wrongs).toStrictEqual([]);
    await context.close();
  }, 60_000);
});
