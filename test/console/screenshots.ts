/** Makes a picture of each page of the console, light and dark, wide and narrow:  npm run screenshots  */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { launchBrowser, openPage } from './browser.ts';
import { Served } from './served.ts';

const folder = join(process.cwd(), 'docs/screenshots');
const examples = join(process.cwd(), 'examples');
const looks = [
  { name: 'wide-light', viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en' },
  { name: 'wide-dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'en' },
  { name: 'narrow-light', viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'en' },
  { name: 'narrow-dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'zh-CN' },
] as const;

mkdirSync(folder, { recursive: true });
const served = await Served.start();
const browser = await launchBrowser();
try {
  const [empty] = looks;
  const before = await openPage(browser, served.address, empty);
  await shoot(before.page, 'first-start', empty.name);
  for (const path of ['users', 'dead-letters']) {
    await before.page.goto(`${served.address}#/${path}`);
    await before.page.locator('.empty').waitFor();
    await shoot(before.page, `empty-${path}`, empty.name);
  }
  await before.context.close();

  const people = await served.post(readFileSync(join(examples, 'people.csv'), 'utf8'), 'file=people.csv');
  const messy = await served.post(readFileSync(join(examples, 'messy-everyday.csv'), 'utf8'), 'file=messy-everyday.csv');
  for (const id of [people, messy]) await over(id);
  failWelcome(messy);

  for (const look of looks) {
    const { page, context } = await openPage(browser, served.address, look);
    await page.locator('table').waitFor();
    await shoot(page, 'start', look.name);
    await page.setInputFiles('input[type=file]', join(examples, 'messy-everyday.csv'));
    await page.locator('.sheet').waitFor();
    await shoot(page, 'preview', look.name);
    await page.goto(`${served.address}#/imports/${messy}`);
    await page.locator('.rejects tbody tr').first().waitFor();
    await page.locator('.rejects .faulty input').nth(1).fill('jo@example.com');
    await shoot(page, 'import', look.name);
    await page.goto(`${served.address}#/imports`);
    await page.locator('table').waitFor();
    await shoot(page, 'history', look.name);
    await page.goto(`${served.address}#/users`);
    await page.locator('tbody tr').nth(10).waitFor();
    await shoot(page, 'users', look.name);
    await page.goto(`${served.address}#/users/mary.major@example.com`);
    await page.frameLocator('iframe').locator('p').first().waitFor();
    await shoot(page, 'user', look.name);
    await page.goto(`${served.address}#/dead-letters`);
    await page.locator('.letters li').first().waitFor();
    await shoot(page, 'dead-letters', look.name);
    await context.close();
  }

  const running = await served.post(crowd(400_000), 'file=everyone.csv&again=true');
  const [wide] = looks;
  for (const look of [wide, looks[3]]) {
    const { page, context } = await openPage(browser, `${served.address}#/imports/${running}`, look);
    await page.locator('.flow .moving').nth(2).waitFor();
    await page.locator('.left').waitFor();
    await shoot(page, 'running', look.name);
    await context.close();
  }
} finally {
  await browser.close();
  await served.end();
}

async function shoot(page: Page, name: string, look: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true, animations: 'disabled' });
}

async function over(id: string): Promise<void> {
  for (;;) {
    const { state, waiting } = await served.get(`imports/${id}`);
    if (state === 'completed' && waiting === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A welcome that a mail server did not take: here there is none that could refuse. */
function failWelcome(importId: string): void {
  const db = new Sqlite(served.scratch.at('rollcall.db'));
  const recipient = { userId: '0'.repeat(32), address: 'kim@example.com', name: 'Kim Example', importId };
  const text = JSON.stringify({ v: 1, kind: 'welcome', recipients: [recipient] });
  db.prepare('INSERT INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?)').run(
    ...['sample', 'welcomes', text, 'mail-refused', 'mail.example.com refused the recipient: 550 no such user', importId, Date.now()],
  );
  db.close();
}

function crowd(count: number): string {
  return `name,email\n${Array.from({ length: count }, (_, index) => `Person ${index},person${index}@example.com\n`).join('')}`;
}
