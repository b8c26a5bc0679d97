import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import type { Facts } from '../../ports/telemetry.ts';

/**
 * Facts that become dimensions of a metric. Every combination of values is a metric of its own and billed as one, so an import's id is none
 * of them.
 */
const dimensions = ['stage', 'verdict'] as const;

/** Sums of counts, written as CloudWatch's embedded metric format: one line for each combination of dimensions that was counted in. */
export class Counters {
  readonly #metrics: Metrics;
  readonly #stage: string;
  readonly #sums = new Map<string, Sums>();

  constructor(options: { readonly service: string; readonly stage: string }) {
    this.#metrics = new Metrics({ namespace: 'Rollcall', serviceName: options.service });
    this.#stage = options.stage;
  }

  add(metric: string, value: number, facts: Facts): void {
    const named = dimensionsOf({ stage: this.#stage, ...facts });
    const key = JSON.stringify(named);
    const sums = this.#sums.get(key) ?? { dimensions: named, metrics: new Map<string, number>() };
    this.#sums.set(key, sums);
    sums.metrics.set(metric, (sums.metrics.get(metric) ?? 0) + value);
  }

  /** Writes what was counted since the last time. */
  flush(): void {
    const all = [...this.#sums.values()];
    this.#sums.clear();
    for (const sums of all) {
      this.#metrics.addDimensions(sums.dimensions);
      for (const [name, value] of sums.metrics) this.#metrics.addMetric(name, MetricUnit.Count, value);
      this.#metrics.publishStoredMetrics();
    }
  }
}

interface Sums {
  readonly dimensions: Record<string, string>;
  readonly metrics: Map<string, number>;
}

function dimensionsOf(facts: Facts): Record<string, string> {
  const named: Record<string, string> = {};
  for (const name of dimensions) {
    const value = facts[name];
    if (value !== undefined && value !== '') named[name] = String(value);
  }
  return named;
}
