import { backOff, pauseRetries } from '../../domain/retry.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Delivery, MessageSource } from '../../ports/message-source.ts';
import type { Random } from '../../ports/random.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { isUnavailable, type Stage, type Verdict } from '../stages/stage.ts';
import type { StageName } from '../stages/stage.ts';

export interface LanePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** Hears of every round: with the trouble that it met, or without. */
  readonly heard: (stage: StageName, trouble: Error | undefined) => void;
}

export interface LaneOptions {
  /** How many messages the stage gets at once. */
  readonly most: number;
  /** How long to wait for more where there are fewer, in milliseconds: one large transaction costs less than several. */
  readonly gatherMs?: number;
}

/** How long one look into an empty queue waits, in milliseconds. */
const waitMs = 20_000;

/**
 * Feeds a stage from its queue until `stop` aborts: receives messages, has them handled, acknowledges or releases
 * them, and only then receives again. Where all is in trouble it slows down.
 */
export async function runLane<T>(
  ports: LanePorts,
  source: MessageSource<T>,
  stage: Stage<T>,
  options: LaneOptions,
  stop: AbortSignal,
): Promise<void> {
  let troubles = 0;
  let sourceFailed = false;
  while (!stop.aborted) {
    let trouble: Error | undefined;
    try {
      const deliveries = await gather(ports, source, options, sourceFailed ? 0 : waitMs, stop);
      if (sourceFailed) {
        // It answers again: that is news, also where it has nothing to give.
        sourceFailed = false;
        troubles = 0;
        ports.heard(stage.name, undefined);
      }
      if (deliveries.length === 0) continue;
      trouble = await handle(ports, source, stage, deliveries, stop);
    } catch (error) {
      // Whatever was received and not acknowledged comes again by itself.
      if (!isUnavailable(error)) throw error;
      trouble = error;
      sourceFailed = true;
    }
    ports.heard(stage.name, trouble);
    troubles = trouble ? troubles + 1 : 0;
    if (trouble) {
      ports.telemetry.warn('trouble', { stage: stage.name, cause: trouble.message });
      await ports.clock.sleep(backOff(pauseRetries, troubles, ports.random), stop);
    }
  }
}

async function gather<T>(
  { clock }: LanePorts,
  source: MessageSource<T>,
  { most, gatherMs = 0 }: LaneOptions,
  ms: number,
  stop: AbortSignal,
): Promise<readonly Delivery<T>[]> {
  const first = await source.receive(most, ms, stop);
  if (first.length === 0 || first.length === most || gatherMs === 0) return first;
  await clock.sleep(gatherMs, stop);
  return [...first, ...(await source.receive(most - first.length, 0))];
}

async function handle<T>(
  ports: LanePorts,
  source: MessageSource<T>,
  stage: Stage<T>,
  deliveries: readonly Delivery<T>[],
  stop: AbortSignal,
): Promise<Error | undefined> {
  const handled = new AbortController();
  const kept = keepInvisible(ports, source, deliveries, handled.signal);
  let verdicts: readonly Verdict[];
  try {
    verdicts = await stage.handle(deliveries, stop);
  } finally {
    handled.abort('handled');
    await kept;
  }
  const receipts = deliveries.map((delivery) => delivery.receipt);
  const done = receipts.filter((_, index) => verdicts[index]?.verdict === 'acknowledge');
  if (done.length > 0) await source.acknowledge(done);
  for (const [index, verdict] of verdicts.entries()) {
    if (verdict.verdict !== 'release') continue;
    await source.release(receipts.slice(index, index + 1), verdict.delayMs);
    if (verdict.error !== undefined)
      ports.telemetry.error('message-failed', verdict.error, { stage: stage.name, message: deliveries[index]?.id });
  }
  ports.telemetry.count('messages', done.length, { stage: stage.name, verdict: 'acknowledge' });
  ports.telemetry.count('messages', receipts.length - done.length, { stage: stage.name, verdict: 'release' });
  return verdicts.find((verdict) => verdict.trouble)?.trouble;
}

/** Extends the messages' invisibility for as long as they are being handled. */
async function keepInvisible<T>(
  { clock, telemetry }: LanePorts,
  source: MessageSource<T>,
  deliveries: readonly Delivery<T>[],
  handled: AbortSignal,
): Promise<void> {
  const receipts = deliveries.map((delivery) => delivery.receipt);
  for (;;) {
    await clock.sleep(source.visibilityMs / 3, handled);
    if (handled.aborted) return;
    try {
      await source.extend(receipts);
    } catch (error) {
      // Then the messages may come again while they are handled, which every stage can bear.
      telemetry.error('extend-failed', error);
    }
  }
}
