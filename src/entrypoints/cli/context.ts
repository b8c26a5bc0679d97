import type { Config } from '../config.ts';
import type { Output } from './output.ts';

/** What a command runs with. */
export interface Context {
  readonly config: Config;
  readonly output: Output;
}

/** Does what a command is there for. @returns the exit status */
export type Work = (context: Context) => Promise<number>;
