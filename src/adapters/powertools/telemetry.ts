import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Facts, Telemetry } from '../../ports/telemetry.ts';
import { Counters } from './counters.ts';
import { describe, plainFacts } from './description.ts';

export interface PowertoolsOptions {
  /** How much is written: this level and the graver ones. Lambda's own setting of a log level goes first. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** The function's name, which tells the environment, too. */
  readonly service: string;
  /** The stage that the function runs. */
  readonly stage: string;
}

/**
 * Log lines and metrics of a Lambda function, by Powertools for AWS Lambda: one JSON object a line on standard output (warnings and errors on
 * standard error), `{"level","message","timestamp","service","function_request_id","xray_trace_id","facts","error",…}`, `message` being the event.
 * E-mail addresses that a service put into an error are masked.
 *
 * Counts are summed in memory and written by `flush`, in CloudWatch's embedded metric format, in the namespace `Rollcall` with the dimensions
 * `service`, `stage` and, where there is one, `verdict`.
 *
 * Traces are Lambda's own: with active tracing the function and the queue before it are segments of X-Ray, the SDK passes the trace on, and every
 * line has its id. Powertools' tracer would add a segment for each call, and 127 KB to every bundle.
 */
export class PowertoolsTelemetry implements Telemetry {
  readonly #log: Logger;
  readonly #counters: Counters;

  constructor(options: PowertoolsOptions) {
    const { level, service } = options;
    this.#log = new Logger({ serviceName: service, logLevel: levels[level] });
    this.#counters = new Counters(options);
  }

  /** An invocation begins: lines carry its request id from now on. */
  begin(context: Context): void {
    this.#log.addContext(context);
  }

  /** An invocation ends: what was counted is written. After it the process may be frozen or ended at any time. */
  flush(): void {
    this.#counters.flush();
  }

  debug(event: string, facts?: Facts): void {
    this.#log.debug(event, extra(facts));
  }

  info(event: string, facts?: Facts): void {
    this.#log.info(event, extra(facts));
  }

  warn(event: string, facts?: Facts): void {
    this.#log.warn(event, extra(facts));
  }

  error(event: string, error: unknown, facts?: Facts): void {
    this.#log.error(event, { ...extra(facts), error: describe(error) });
  }

  count(metric: string, value: number, facts: Facts = {}): void {
    // Nothing to add; and a line of it would be billed like any other.
    if (value !== 0) this.#counters.add(metric, value, facts);
  }
}

const levels = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR', silent: 'SILENT' } as const;

/** Under a name of their own, so that no fact can take the place of a field of the line. */
function extra(facts: Facts | undefined): { readonly facts?: Facts } {
  return facts ? { facts: plainFacts(facts) } : {};
}
