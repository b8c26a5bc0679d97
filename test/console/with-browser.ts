import { describe } from '@jest/globals';
import { hasBrowser, program } from './browser.ts';

/** Tests in a browser: skipped aloud where there is none. With CI=true a skipped test fails the check. */
export const withBrowser = hasBrowser ? describe : describe.skip;

if (!hasBrowser)
  process.stderr.write(`skipped: the tests of the console in a browser, for there is no ${program} (apt-get install chromium).\n`);
