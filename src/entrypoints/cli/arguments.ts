import { InvalidArgumentError } from 'commander';
import type { ReadingOptions } from '../../ports/vocabulary.ts';

/** Values of options and arguments: each reads a text, or raises commander's InvalidArgumentError with what is allowed. */

/** Reads `email=COLUMN` or `name=COLUMN`. */
export function mapping(text: string, before: ReadingOptions['map'] = {}): ReadingOptions['map'] {
  const [, field, column] = /^(email|name)=(.+)$/s.exec(text) ?? [];
  if (field === undefined || column === undefined) throw new InvalidArgumentError('It is email=COLUMN or name=COLUMN.');
  return { ...before, [field]: column };
}

/** One more of an option that may stand several times. */
export function gathered(column: string, before: readonly string[] = []): readonly string[] {
  return [...before, column];
}

/** Reads a whole number from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It is a whole number from ${least} on.`);
  };
}

/** Reads a port's number; 0 is any. */
export function portNumber(text: string): number {
  const port = wholeNumber(0)(text);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}

/** Reads a number from 0 to 100. */
export function percentage(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= 100) return value;
  throw new InvalidArgumentError('It is a number from 0 to 100.');
}

/** Reads a number above 0. */
export function rate(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It is a number above 0.');
}
