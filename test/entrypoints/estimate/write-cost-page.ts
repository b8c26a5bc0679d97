import { readFileSync, writeFileSync } from 'node:fs';
import { withFigures } from './cost-page.ts';

/** `npm run cost-page`: brings the figures of docs/cost.md up to date with the code. */
writeFileSync('docs/cost.md', withFigures(readFileSync('docs/cost.md', 'utf8')));
