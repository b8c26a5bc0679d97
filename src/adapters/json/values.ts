import * as z from 'zod';
import type { Attributes } from '../../ports/vocabulary.ts';

/** Text that is not empty. */
export const word = z.string().min(1);

/** A count or a number of something, from 0 on. */
export const count = z.int().min(0);

/** A row or line number, from 1 on. */
export const ordinal = z.int().min(1);

/** A list whose members are checked one by one by whoever reads it. */
export const list = z.custom<readonly unknown[]>((value) => Array.isArray(value));

/** Names to texts. Handed on as it is, whatever its names are: `z.record` would drop `__proto__`. */
export const attributes = z.custom<Attributes>(isAttributes);

/** Whether a value, as JSON gives it, is an object whose members are all text. */
export function isAttributes(value: unknown): value is Attributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const name in value) if (typeof (value as Record<string, unknown>)[name] !== 'string') return false;
  return true;
}
