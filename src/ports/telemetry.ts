/** What a log line or a metric may carry. Ids and counts; never an address, a name or a cell. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Structured log lines and counts for the people who run this. */
export interface Telemetry {
  debug(event: string, facts?: Facts): void;
  info(event: string, facts?: Facts): void;
  warn(event: string, facts?: Facts): void;
  /** Something needs a person. `error` is logged with its causes. */
  error(event: string, error: unknown, facts?: Facts): void;
  /** Adds `value` to the counter `metric`. */
  count(metric: string, value: number, facts?: Facts): void;
}
