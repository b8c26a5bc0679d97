import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

export const program = '/usr/bin/chromium';

/** Whether this machine has Chromium, as Debian installs it. */
export const hasBrowser = existsSync(program);

/** A browser that asks for nothing by itself. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}

/** A page, and what went wrong in it: requests to other hosts, errors of scripts, and what the policy refused. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly wrongs: string[];
}

/** Opens a page of a console in a window of its own. */
export async function openPage(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 }, ...options });
  const wrongs: string[] = [];
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && origin !== new URL(address).origin) wrongs.push(`asked ${request.url()}`);
  });
  context.on('weberror', (error) => wrongs.push(error.error().message));
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) wrongs.push(message.text());
  });
  context.on('dialog', (dialog) => {
    wrongs.push(`a script said: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(address);
  await page.locator('main').waitFor();
  return { page, context, wrongs };
}

/** Drops a file onto the page, as a person does. */
export async function drop(page: Page, name: string, content: string): Promise<void> {
  const data = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}, { type: 'text/csv' })); return data; })()`,
  );
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
}

/** What is wrong with a page for people who cannot see or use a mouse, by axe. */
export async function barriers(page: Page, axe: string): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary).join('; ')))`,
  );
  return found as readonly string[];
}
