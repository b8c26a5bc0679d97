import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { recorded, root } from './plan.ts';

// `npm run infra` plans and compares, where Terraform and a provider are there. This holds everywhere.
test('the recorded plans are of this Terraform: else run `npm run infra -- record`', () => {
  const digest = execFileSync(process.execPath, [join(root, 'tools/infra.mjs'), 'digest'], { encoding: 'utf8' });
  expect(recorded.sources).toBe(digest.trim());
});
