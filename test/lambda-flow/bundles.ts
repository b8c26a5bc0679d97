import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The functions, by the names that their bundles have. */
export type FunctionName = 'process-csv' | 'insert-records' | 'announce' | 'send-email' | 'sweep' | 'generate-users' | 'http';

/** The functions as they are deployed, in a folder of their own. */
export class Bundles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-functions-'));

  constructor() {
    execFileSync(process.execPath, [join(import.meta.dirname, '../../tools/bundle.mjs'), this.#folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  fileOf(name: FunctionName): string {
    return join(this.#folder, `${name}.mjs`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
