import type { Facts, Telemetry } from '../../ports/telemetry.ts';

/** A log line as it was given. */
export interface RecordedEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly facts: Facts;
  /** Of level `error` only. */
  readonly error?: unknown;
}

/** What was added to a counter at one time. */
export interface RecordedCount {
  readonly metric: string;
  readonly value: number;
  readonly facts: Facts;
}

/** Keeps all that it is told, in order. */
export class MemoryTelemetry implements Telemetry {
  readonly events: RecordedEvent[] = [];
  readonly counts: RecordedCount[] = [];

  debug(event: string, facts: Facts = {}): void {
    this.events.push({ level: 'debug', event, facts: { ...facts } });
  }

  info(event: string, facts: Facts = {}): void {
    this.events.push({ level: 'info', event, facts: { ...facts } });
  }

  warn(event: string, facts: Facts = {}): void {
    this.events.push({ level: 'warn', event, facts: { ...facts } });
  }

  error(event: string, error: unknown, facts: Facts = {}): void {
    this.events.push({ level: 'error', event, error, facts: { ...facts } });
  }

  count(metric: string, value: number, facts: Facts = {}): void {
    this.counts.push({ metric, value, facts: { ...facts } });
  }

  /** The sum of a counter over all its facts. */
  total(metric: string): number {
    return this.counts.reduce((sum, count) => (count.metric === metric ? sum + count.value : sum), 0);
  }
}
