import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { MailServer } from '../adapters/smtp/server.ts';
import { drop, hasBrowser, launchBrowser, openPage, type Watched } from './browser.ts';
import { Served } from './served.ts';
import { withBrowser } from './with-browser.ts';

let browser: Browser;
let served: Served | undefined;
let opened: Watched[] = [];
beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
}, 30_000);
afterAll(() => browser.close());
afterEach(async () => {
  const wrongs = opened.flatMap(({ wrongs }) => wrongs);
  for (const { context } of opened) await context.close();
  opened = [];
  await served?.end();
  served = undefined;
  expect(wrongs).toStrictEqual([]);
});

async function open(address: string): Promise<Page> {
  const watched = await openPage(browser, address);
  opened.push(watched);
  return watched.page;
}

/** The counts of the bar's legend: inserted, updated, duplicates, rejected, and their sum. */
async function counts(page: Page): Promise<string> {
  return (await page.locator('.legend').first().locator('dd').allInnerTexts()).join(' ');
}

const messy = 'Contact;Who\nada@example.com;Ada\nbob at example.com;Bob\nada@example.com;Ada again\n';

withBrowser('the console', () => {
  test('takes a dropped file from its preview to the mail that was sent, with a rejected row mended on the way', async () => {
    served = await Served.start();
    const page = await open(served.address);
    await drop(page, 'people.csv', messy);
    await page.getByRole('heading', { name: 'Preview of people.csv' }).waitFor();
    await page.getByText('No column of e-mail addresses was found').first().waitFor();
    expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);

    await page.getByLabel('Use of column Contact').selectOption('address');
    await page.getByLabel('Use of column Who').selectOption('name');
    await page.getByText('Of the first 3 rows, 1 row would be rejected.').waitFor();
    expect(await page.locator('.why').innerText()).toContain('there is no @ in it');
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('Of all 3 rows, 1 row would be rejected. Nothing was stored.').waitFor();
    expect(await served.get('users')).toStrictEqual({ items: [] });

    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.locator('.state.completed').waitFor();
    expect(await counts(page)).toBe('1 0 1 1 = 3 rows');

    const wrong = page.getByLabel('Contact, row 2');
    expect(await wrong.inputValue()).toBe('bob at example.com');
    await wrong.fill('bob@example.com');
    await page.reload();
    expect(await page.getByLabel('Contact, row 2').inputValue()).toBe('bob@example.com');
    await page.getByRole('button', { name: 'Import 1 corrected row' }).click();
    await page.getByRole('heading', { name: 'corrected people.csv' }).waitFor();
    await page.locator('.legend .welcomed dd', { hasText: '1' }).waitFor();
    expect(await counts(page)).toBe('1 0 0 0 = 1 rows');

    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('searchbox').fill('bob@');
    await page.getByRole('link', { name: 'bob@example.com' }).click();
    const frame = page.getByTitle('The welcome as it was sent');
    expect(await frame.getAttribute('sandbox')).toBe('');
    await page.frameLocator('iframe').getByText('Welcome, Bob!').waitFor();
    await page.getByRole('button', { name: 'As text' }).click();
    expect(await page.locator('pre.letter').innerText()).toContain('bob@example.com');

    await page.getByRole('link', { name: 'History' }).click();
    await page.locator('tbody .main').nth(1).waitFor();
    expect(await page.locator('tbody .main').allInnerTexts()).toStrictEqual(['corrected people.csv', 'people.csv']);
  }, 30_000);

  test('takes pasted rows, another encoding and another delimiter, and says what was imported before', async () => {
    served = await Served.start('--mail', 'none');
    const page = await open(served.address);
    await page.evaluate(
      `(() => { const data = new DataTransfer(); data.setData('text/plain', 'email\\tname\\nzoe@example.com\\tZo\u00e9\\n');
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })); })()`,
    );
    await page.getByRole('heading', { name: 'Preview of pasted.csv' }).waitFor();
    await page.locator('td', { hasText: 'Zoé' }).waitFor();
    await page.getByLabel('Delimiter').selectOption('comma');
    await page
      .getByText('This file cannot be imported like that')
      .or(page.getByText('Of the first 1 row, 1 row would be rejected'))
      .first()
      .waitFor();
    await page.getByLabel('Delimiter').selectOption('tab');
    await page.getByLabel('Encoding').selectOption('windows-1252');
    await page.locator('td', { hasText: 'ZoÃ©' }).waitFor();
    await page.reload();
    await page.getByText('Choose pasted.csv again').waitFor();
    await drop(page, 'pasted.csv', 'email\tname\nzoe@example.com\tZoe\n');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.locator('.state.completed').waitFor();
    expect(await served.get('imports')).toMatchObject({ items: [{ encoding: 'windows-1252', delimiter: '\t', inserted: 1 }] });

    await page.goBack();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('This file was imported already').waitFor();
    await page.getByRole('button', { name: 'Import it again' }).click();
    await page.locator('.legend .duplicates dd', { hasText: '1' }).waitFor();
  }, 30_000);

  test('shows dead letters with their cause, and tries them again', async () => {
    const server = await MailServer.start();
    try {
      server.replies = { rcpt: (address) => (address === 'ben@example.com' ? '550 no such user' : undefined) };
      served = await Served.start('--mail', `smtp://127.0.0.1:${server.port}`, '--from', 'team@example.com');
      const id = await served.post('name,email\nAda,ada@example.com\nBen,ben@example.com\n');
      const page = await open(`${served.address}#/imports/${id}`);
      await page.getByText('1 welcome could not be sent.').waitFor();
      await page.getByRole('link', { name: 'See the dead letters' }).click();
      await page.getByText('refused the recipient: 550 no such user').waitFor();
      server.replies = {};
      await page.getByRole('button', { name: 'Try again: ben@example.com' }).click();
      await page.getByText('1 dead letter is tried again.').waitFor();
      await page.getByText('There are no dead letters.').waitFor();
      await page.goto(`${served.address}#/imports/${id}`);
      await page.locator('.legend .welcomed dd', { hasText: '2' }).waitFor();
    } finally {
      await server.close();
    }
  }, 30_000);

  test('watches 200,000 rows from two tabs, through a reload and a server that is killed and comes back', async () => {
    // Nobody listens there, so that welcomes wait: the import is not over before its end is looked at.
    served = await Served.start('--mail', 'smtp://127.0.0.1:1', '--from', 'team@example.com');
    const rows = Array.from({ length: 200_000 }, (_, index) => `Person ${index},${index % 100 === 99 ? '' : `p${index}@example.com`}\n`);
    const page = await open(served.address);
    await page.setInputFiles('input[type=file]', {
      name: 'crowd.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`name,email\n${rows.join('')}`),
    });
    await page.getByText(/Of the first [\d,]+ rows, [\d,]+ rows would be rejected/).waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.locator('.flow').waitFor();
    await page.reload();
    const other = await open(page.url());
    await other.locator('.flow').waitFor();

    await served.kill();
    await page.getByText('The connection is lost.').waitFor();
    await other.getByText('The connection is lost.').waitFor();
    await served.begin();
    await page.getByText('The connection is back.').waitFor();
    for (const tab of [page, other]) {
      await tab.locator('.state.completed').waitFor({ timeout: 40_000 });
      expect(await counts(tab)).toBe('198,000 0 0 2,000 = 200,000 rows');
      await tab.locator('.rejects tbody tr').nth(49).waitFor();
      expect(await tab.locator('.rejects tbody tr').count()).toBe(50);
    }
    await page.getByRole('button', { name: /Show more/ }).click();
    await page.locator('.rejects tbody tr').nth(99).waitFor();
  }, 60_000);

  test('shows what a malicious file says as nothing but text', async () => {
    served = await Served.start();
    const script = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const long = 'x'.repeat(1_000_000);
    const lines = [
      `"${script}",script@example.com`,
      `=HYPERLINK("http://elsewhere.example.com"),formula@example.com`,
      `"${script}",${script}`,
      `${long},long@example.com`,
      `=1+1,=2+2`,
    ];
    const page = await open(served.address);
    await drop(page, `${script}.csv`, `"name","email"\n${lines.join('\n')}\n`);
    await page.getByText('would be rejected').first().waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.locator('.legend .welcomed dd', { hasText: '2' }).waitFor();
    expect(await counts(page)).toBe('2 0 0 3 = 5 rows');
    expect(await page.getByLabel('email, row 3').inputValue()).toBe(script);
    expect(await page.locator('.rejects .long').first().innerText()).toMatch(/^x{120}…$/);
    await page.getByLabel('email, row 5').fill('sum@example.com');
    await page.getByRole('button', { name: 'Import 1 corrected row' }).click();
    await page.locator('.legend .welcomed dd', { hasText: '1' }).waitFor();
    expect(await served.get('users/sum@example.com')).toMatchObject({ name: '=1+1' });

    await page.goto(`${served.address}#/users/script@example.com`);
    await page.getByRole('heading', { name: script }).waitFor();
    await page.frameLocator('iframe').getByText('Welcome', { exact: false }).first().waitFor();
    expect(await page.frameLocator('iframe').locator('script, img[src=x]').count()).toBe(0);
  }, 30_000);

  test('asks for the token of a server that wants one, and keeps it over a reload', async () => {
    served = await Served.start('--mail', 'none');
    served.scratch.write('token', 'a-token-of-the-tests-1234567890');
    await served.kill();
    await served.begin(undefined, '--mail', 'none', '--token-file', 'token');
    const page = await open(`${served.address}#/users`);
    await page.getByLabel('Token').fill('another-token-of-the-tests');
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByLabel('Token').fill('a-token-of-the-tests-1234567890');
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByText('There are no users yet.').waitFor();
    await page.reload();
    await page.getByText('There are no users yet.').waitFor();
  }, 30_000);
});
