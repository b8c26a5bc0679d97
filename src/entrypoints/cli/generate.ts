import { people } from '../generate/people.ts';
import { exitCodes } from './failure.ts';
import type { Context } from './context.ts';

/** `rollcall generate`: writes people who do not exist, as fast as they are taken. @returns the exit status */
export async function generate(
  count: number,
  { seed, dirty }: { readonly seed: number; readonly dirty: number },
  { output }: Context,
): Promise<number> {
  for (const part of people(count, seed, dirty)) await output.write(part);
  return exitCodes.done;
}
