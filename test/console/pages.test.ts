import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { barriers, launchBrowser, openPage } from './browser.ts';
import { Served } from './served.ts';
import { withBrowser } from './with-browser.ts';

let served: Served;
let importId: string;
beforeAll(async () => {
  served = await Served.start();
  importId = await served.post(
    'name,email,city,street,phone,notes\nAda,ada@example.com\nBob,bob,Rome,Main Street 1,1,none\n',
    'file=people.csv',
  );
  while (((await served.get(`imports/${importId}`))['welcomed'] as number) < 1) await new Promise((resolve) => setTimeout(resolve, 10));
}, 30_000);
afterAll(() => served.end());

/** What is sent over the wire for a path. */
function raw(
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(new URL(path, served.address), { headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the files of the console', () => {
  test('are sent compressed, are kept by browsers as long as they are good, and come to less than 100 KB', async () => {
    const page = await raw('/', { 'Accept-Encoding': 'gzip, br' });
    const html = gunzipSync(page.body).toString();
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'no-cache',
    });
    expect(page.headers['content-security-policy']).toContain("script-src 'self'; style-src 'self'");
    expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|https?:/);
    const paths = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
    expect(paths.map((path) => path.replace(/-[0-9A-Z]{8}\./, '-HASH.'))).toStrictEqual([
      '/assets/icon-HASH.svg',
      '/assets/console-HASH.css',
      '/assets/console-HASH.js',
    ]);
    const files = await Promise.all(paths.map((path) => raw(path, { 'Accept-Encoding': 'gzip' })));
    for (const { headers } of files) expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect([page, ...files].reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(100_000);
  });

  test('are sent once, and as they are to whoever takes nothing compressed', async () => {
    const page = await raw('/', {});
    expect([page.headers['content-encoding'], page.body.toString()]).toStrictEqual([undefined, expect.stringContaining('<!doctype html>')]);
    const again = await raw('/', { 'If-None-Match': `"other", ${String(page.headers['etag'])}` });
    expect([again.status, again.body.length]).toStrictEqual([304, 0]);
    expect((await raw('/', { 'If-None-Match': '"other"' })).status).toBe(200);
    expect((await raw('/', { 'Accept-Encoding': 'gzip;q=0' })).headers['content-encoding']).toBe(undefined);
  });
});

withBrowser('every page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 30_000);
  afterAll(() => browser.close());

  test.each([
    ['light', 'en', 1280],
    ['dark', 'zh-CN', 360],
  ] as const)(
    'has no barrier that axe knows, asks no other host and fits its width: %s, %s, %d px',
    async (colorScheme, locale, width) => {
      const look = { colorScheme, locale, viewport: { width, height: 800 } };
      const { page, context, wrongs } = await openPage(browser, served.address, look);
      const places: readonly (readonly [path: string, there: string])[] = [
        ['', '.list'],
        [`imports/${importId}`, '.rejects input'],
        ['imports', '.list'],
        [`imports/${'f'.repeat(32)}`, '.trouble-page'],
        ['users', '.list'],
        ['users?email=nobody', '.empty'],
        ['users/ada@example.com', 'iframe'],
        ['dead-letters', '.empty'],
        ['nowhere', 'h1'],
      ];
      const visit = async (path: string): Promise<readonly unknown[]> => {
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        return [path, await page.evaluate('document.documentElement.lang'), overflow, await barriers(page, axe.source)];
      };
      for (const [path, there] of places) {
        await page.goto(`${served.address}#/${path}`);
        await page.locator(there).first().waitFor();
        expect(await visit(path)).toStrictEqual([path, locale, 0, []]);
      }
      await page.goto(served.address);
      await page.setInputFiles('input[type=file]', {
        name: 'people.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('name,email,city\nAda,ada@example.com,Rome\nBob,bob,Oslo\n'),
      });
      await page.locator('.why').waitFor();
      expect(await visit('new')).toStrictEqual(['new', locale, 0, []]);
      expect(wrongs).toStrictEqual([]);
      await context.close();
    },
    40_000,
  );

  test('can be used by keyboard alone, and in the other language', async () => {
    const { page, context } = await openPage(browser, served.address);
    const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent.trim()');
    await page.locator('.drop').waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    for (const name of ['Rollcall', 'Import', 'History', 'Users']) {
      await page.keyboard.press('Tab');
      expect(await focused()).toBe(name);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'ada@example.com' }).waitFor();
    expect(await focused()).toBe('Users');
    expect(await page.title()).toBe('Users – Rollcall');
    await page.getByRole('button', { name: '中文' }).press('Enter');
    await page.getByRole('heading', { name: '用户' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: '用户' }).waitFor();
    await context.close();
  }, 30_000);
});
