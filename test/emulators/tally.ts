import type { Exchange } from './aws.ts';

/** Counts by kind: how many requests, and how many units they are billed as. */
export class Tally {
  readonly #counts = new Map<string, { requests: number; units: number }>();

  add(kind: string, units = 1, requests = 1): void {
    const count = this.#counts.get(kind) ?? { requests: 0, units: 0 };
    this.#counts.set(kind, { requests: count.requests + requests, units: count.units + units });
  }

  /** The units of all kinds that begin so. */
  units(kind: string): number {
    return this.#sum(kind, ({ units }) => units);
  }

  /** The requests of all kinds that begin so. */
  requests(kind: string): number {
    return this.#sum(kind, ({ requests }) => requests);
  }

  /** Every kind, in the order of the alphabet. */
  lines(): readonly { readonly kind: string; readonly requests: number; readonly units: number }[] {
    return [...this.#counts].map(([kind, count]) => ({ kind, ...count })).sort((a, b) => a.kind.localeCompare(b.kind));
  }

  forget(): void {
    this.#counts.clear();
  }

  #sum(prefix: string, of: (count: { requests: number; units: number }) => number): number {
    return [...this.#counts].reduce((sum, [kind, count]) => (kind.startsWith(prefix) ? sum + of(count) : sum), 0);
  }
}

/**
 * Counts what S3 and SQS were asked for: `SQS <queue> <operation>`, `S3 write …`, `S3 read …`. A receive that came back empty is
 * `idle polling`: it goes on for as long as the stack stands, whatever is imported.
 */
export function counting(tally: Tally): (exchange: Exchange) => void {
  return ({ what, body, answer }) => {
    if (!/^[A-Z]+ /.test(what)) {
      const queue = String((body as { readonly QueueUrl?: string }).QueueUrl).replace(/^.*\//, '');
      const told =
        what === 'ReceiveMessage'
          ? messagesIn(answer)
          : (((body as { readonly Entries?: readonly Sized[] }).Entries ?? [body]) as readonly Sized[]);
      if (told.length === 0) tally.add('idle polling');
      else tally.add(`SQS ${queue} ${what}`, stepsOf(told));
      return;
    }
    const [method = '', path = ''] = what.split(' ');
    const kind = `${method === 'GET' || method === 'HEAD' ? 'read' : 'write'} ${method}${path.includes('?tagging') ? ' tagging' : ''}`;
    // Deleting is free.
    tally.add(method === 'DELETE' ? 'S3 free DELETE' : `S3 ${kind}`);
  };
}

/** A message as it is sent or received. */
interface Sized {
  readonly MessageBody?: string;
  readonly Body?: string;
}

function messagesIn(answer: unknown): readonly Sized[] {
  const text = Buffer.isBuffer(answer) || typeof answer === 'string' ? answer.toString() : '{}';
  return (JSON.parse(text) as { readonly Messages?: readonly Sized[] }).Messages ?? [];
}

/** A request is billed once for each 64 KiB begun of its messages (https://aws.amazon.com/sqs/pricing/). */
function stepsOf(messages: readonly Sized[]): number {
  const bytes = messages.reduce(
    (sum, { MessageBody = '', Body = '' }) => sum + Buffer.byteLength(MessageBody) + Buffer.byteLength(Body),
    0,
  );
  return Math.max(1, Math.ceil(bytes / 65_536));
}
