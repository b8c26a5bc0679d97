import { inspect } from 'node:util';
import type { Facts } from '../../ports/telemetry.ts';

/** How deep a chain of causes is followed. */
const causesShown = 8;

/** What is known of an error, as plain values: its code, message, hint and stack, and the same of its causes without a stack. */
export interface ErrorDescription {
  readonly name?: string;
  readonly code?: unknown;
  readonly message: string;
  readonly hint?: unknown;
  readonly stack?: string | undefined;
  readonly cause?: ErrorDescription | undefined;
}

/** Describes whatever was thrown, without the addresses in it. */
export function describe(error: unknown): ErrorDescription {
  return described(error, causesShown, true);
}

/** The facts without addresses. */
export function plainFacts(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, masked(value)]));
}

/**
 * E-mail addresses, quoted local parts too. No fact holds one; but services quote addresses in their errors, and logs are kept longer, and read by
 * more people, than users.
 */
const addresses = /(?:"[^"]*"|[^\s<>"(),:;@/]+)@[^\s<>"'(),:;@/]+/g;

function masked<T>(value: T): T | string {
  return typeof value === 'string' ? value.replace(addresses, '(address)') : value;
}

function described(error: unknown, depth: number, withStack: boolean): ErrorDescription {
  if (!(error instanceof Error)) return { message: masked(typeof error === 'string' ? error : inspect(error)) };
  const { code, hint } = error as { readonly code?: unknown; readonly hint?: unknown };
  return {
    name: error.name,
    code: masked(code),
    message: masked(error.message),
    hint: masked(hint),
    ...(withStack && { stack: masked(error.stack) }),
    ...(error.cause !== undefined && depth > 0 && { cause: described(error.cause, depth - 1, false) }),
  };
}
