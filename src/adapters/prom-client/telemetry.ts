import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Facts, Telemetry } from '../../ports/telemetry.ts';

/** A number of the moment, with the labels that tell it from its like. */
export interface GaugeValue {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The facts that become labels. Each value of a label is a series of its own, so ids must not be among them (prometheus.io/docs/practices/naming). */
const labelNames = ['stage', 'verdict', 'method', 'route', 'status', 'limit'];

/** Counts for Prometheus; lines go on to another telemetry, and so do the counts. */
export class PromClientTelemetry implements Telemetry {
  readonly #lines: Telemetry;
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();

  /** @param lines where log lines go */
  constructor(lines: Telemetry) {
    this.#lines = lines;
    collectDefaultMetrics({ register: this.#registry, prefix: 'rollcall_' });
  }

  debug(event: string, facts?: Facts): void {
    this.#lines.debug(event, facts);
  }

  info(event: string, facts?: Facts): void {
    this.#lines.info(event, facts);
  }

  warn(event: string, facts?: Facts): void {
    this.#lines.warn(event, facts);
  }

  error(event: string, error: unknown, facts?: Facts): void {
    this.#lines.error(event, error, facts);
    this.#counter('errors').inc(1);
  }

  count(metric: string, value: number, facts: Facts = {}): void {
    this.#lines.count(metric, value, facts);
    const labels = labelNames.flatMap((name) => (facts[name] === undefined ? [] : [[name, String(facts[name])] as const]));
    this.#counter(metric).inc(Object.fromEntries(labels), Math.max(0, value));
  }

  /** Adds a number that is looked up whenever the metrics are asked for. */
  gauge(name: string, help: string, read: () => Promise<readonly GaugeValue[]>): void {
    const labels = ['queue', 'state'];
    const gauge: Gauge = new Gauge({
      name: `rollcall_${name}`,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect: async () => {
        gauge.reset();
        for (const { labels = {}, value } of await read()) gauge.set(labels, value);
      },
    });
  }

  /** All metrics, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The media type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  #counter(metric: string): Counter {
    const known = this.#counters.get(metric);
    if (known) return known;
    const name = `rollcall_${metric.replaceAll(/[^a-zA-Z0-9_]/g, '_')}_total`;
    const counter = new Counter({
      name,
      help: `How many ${metric.replaceAll('_', ' ')} there were.`,
      labelNames,
      registers: [this.#registry],
    });
    this.#counters.set(metric, counter);
    return counter;
  }
}
