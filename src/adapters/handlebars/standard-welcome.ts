import { readFileSync } from 'node:fs';
import type { RenderedWelcome } from '../../ports/template-renderer.ts';

/**
 * The sources of the welcome that ships with Rollcall, from the folder beside this file. A function on AWS is one file: `tools/bundle.mjs`
 * puts the sources themselves into the place of this module.
 */
export const standardWelcome: RenderedWelcome = {
  subject: read('subject.hbs'),
  html: read('body.html.hbs'),
  text: read('body.txt.hbs'),
};

function read(file: string): string {
  return readFileSync(new URL(`welcome/${file}`, import.meta.url), 'utf8');
}
