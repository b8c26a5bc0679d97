import { inspect } from 'node:util';
import { pino, type Logger } from 'pino';
import type { Facts, Telemetry } from '../../ports/telemetry.ts';

/** How much is written: this level and the graver ones. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where lines go: `process.stderr`, or any other. */
export interface LogStream {
  write(line: string): unknown;
}

/** How deep a chain of causes is followed. */
const causesShown = 8;

/**
 * One JSON object a line: `{"level","time","event","facts","error"}`, `time` as in RFC 3339. Counts are lines of level
 * debug with the event `count`.
 */
export class PinoTelemetry implements Telemetry {
  readonly #log: Logger;

  constructor(options: { readonly level: LogLevel; readonly stream: LogStream }) {
    this.#log = pino(
      {
        level: options.level,
        base: null,
        messageKey: 'event',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (line) => void options.stream.write(line) },
    );
  }

  debug(event: string, facts?: Facts): void {
    this.#log.debug({ facts }, event);
  }

  info(event: string, facts?: Facts): void {
    this.#log.info({ facts }, event);
  }

  warn(event: string, facts?: Facts): void {
    this.#log.warn({ facts }, event);
  }

  error(event: string, error: unknown, facts?: Facts): void {
    // `error` is a plain description, so that pino's own serializer leaves out nothing of it.
    this.#log.error({ facts, error: describe(error, causesShown, true) }, event);
  }

  count(metric: string, value: number, facts?: Facts): void {
    this.#log.debug({ metric, value, facts }, 'count');
  }
}

/** What is known of an error, and of up to `depth` causes; the stack of the first one only. */
function describe(error: unknown, depth: number, withStack: boolean): unknown {
  if (!(error instanceof Error)) return { message: typeof error === 'string' ? error : inspect(error) };
  const { code, hint } = error as { readonly code?: unknown; readonly hint?: unknown };
  return {
    name: error.name,
    code,
    message: error.message,
    hint,
    cause: error.cause === undefined || depth === 0 ? undefined : describe(error.cause, depth - 1, false),
    stack: withStack ? error.stack : undefined,
  };
}
