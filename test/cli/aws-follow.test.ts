import { describe, expect, test } from '@jest/globals';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { followImports } from '../../src/entrypoints/cli/aws/follow.ts';
import type { FollowedImport, RunEnd } from '../../src/entrypoints/cli/follow.ts';
import { tokens, type World } from '../../src/entrypoints/composition/tokens.ts';
import { LedgerUnavailable, type ImportHead, type Progress } from '../../src/ports/import-ledger.ts';
import type { WelcomeTotals } from '../../src/ports/welcome-ledger.ts';

const second = 1_000;
const hour = 3_600 * second;
const begin = 1_800_000_000_000;

/** What the ledgers and queues of a stack say, some milliseconds after the start. */
interface Story {
  readonly head?: (ms: number) => Partial<ImportHead>;
  readonly progress?: (ms: number) => Partial<Progress>;
  readonly sent?: (ms: number) => number;
  readonly messages?: (ms: number) => number;
}

/** Follows one import through a story. */
class Following {
  readonly clock = new MemoryClock(begin);
  readonly stop = new AbortController();
  /** When heads were looked at, and when welcomes were counted. */
  readonly looks: number[] = [];
  readonly counts: number[] = [];
  readonly shown: FollowedImport[] = [];
  end: { readonly how: RunEnd; readonly atMs: number } | undefined;
  readonly ended: Promise<void>;

  constructor({ head, progress, sent, messages }: Story, patienceMs = Infinity) {
    const ms = (): number => this.clock.now() - begin;
    const upload = { identity: 'sha256:1', location: 's3://uploads/1', name: 'people.csv', size: 100 };
    const options = { map: {}, keep: [], onExisting: 'skip' } as const;
    const ports = new Map<unknown, unknown>([
      [tokens.clock, this.clock],
      [
        tokens.imports,
        {
          find: async () => {
            this.looks.push(ms());
            return { id: 'one', revision: 1, upload, options, welcome: true, createdAt: begin, state: 'reading', ...head?.(ms()) };
          },
          progress: async () => ({ batches: 1, inserted: 0, updated: 0, duplicates: 0, rejected: 0, deadLetters: 0, ...progress?.(ms()) }),
        },
      ],
      [
        tokens.welcomeLedger,
        {
          totals: async (): Promise<WelcomeTotals> => {
            this.counts.push(ms());
            return { waiting: 0, claimed: 0, sent: sent?.(ms()) ?? 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };
          },
        },
      ],
      ...[tokens.uploadSource, tokens.recordsSource, tokens.welcomeSource].map(
        (source) => [source, { depth: async () => ({ ready: messages?.(ms()) ?? 0, inFlight: 0, delayed: 0 }) }] as const,
      ),
    ]);
    const world = { get: (token: unknown) => ports.get(token) } as World;
    this.ended = followImports(world, {
      imports: ['one'],
      patienceMs,
      stop: this.stop.signal,
      show: (imports) => this.shown.push(...imports),
    }).then((how) => void (this.end = { how, atMs: ms() }));
    this.ended.catch(() => undefined);
  }

  /** Lets time pass until it has ended, or so much has passed. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (!this.end && this.clock.now() < until) await this.clock.advance(Math.min(until - this.clock.now(), second));
  }
}

describe('an import is followed', () => {
  test('until its ledgers say that all is done, whatever SQS thinks of its queues', async () => {
    const following = new Following({
      head: (ms) => ({ state: ms < 3 * second ? 'reading' : 'completed' }),
      progress: (ms) => ({ inserted: ms < second ? 0 : 10 }),
      sent: (ms) => (ms < 5 * second ? 4 : 10),
      messages: () => 7,
    });
    await following.pass(hour);
    expect(following.end?.how).toEqual({ end: 'done' });
    expect(following.end?.atMs).toBeLessThan(12 * second);
    expect(following.shown.at(-1)?.summary).toMatchObject({ state: 'completed', inserted: 10, welcomed: 10, waiting: 0 });
  });

  test('without counting welcomes where nobody is to be welcomed', async () => {
    const following = new Following({ head: () => ({ state: 'completed', welcome: false }), progress: () => ({ inserted: 10 }) });
    await following.pass(hour);
    expect([following.end?.how, following.counts]).toEqual([{ end: 'done' }, []]);
  });

  test('through 20 hours of welcomes with few looks at all of them, and little delay at the end', async () => {
    const inserted = 1_000_000;
    const following = new Following({
      head: () => ({ state: 'completed' }),
      progress: () => ({ inserted }),
      sent: (ms) => Math.min(inserted, Math.floor((ms / second) * 14)),
    });
    await following.pass(24 * hour);
    const tookMs = (inserted / 14) * second;
    expect(following.end?.atMs).toBeGreaterThanOrEqual(tookMs);
    expect(following.end?.atMs).toBeLessThan(tookMs + 10 * second);
    expect(following.counts.length).toBeLessThan(350);
    // Heads say nothing new by then.
    expect(following.looks.length).toBeLessThan(350);
  });

  test('ever more seldom while no welcome is sent, as in a pause of the account', async () => {
    const following = new Following({
      head: () => ({ state: 'completed' }),
      progress: () => ({ inserted: 10 }),
      sent: (ms) => (ms < 48 * hour ? 0 : 10),
    });
    await following.pass(72 * hour);
    expect(following.counts.length).toBeLessThan((48 * hour) / (300 * second) + 20);
    expect(following.end?.atMs).toBeLessThanOrEqual(48 * hour + 300 * second);
  });

  test('while rows are read, every two seconds', async () => {
    const following = new Following({ head: () => ({ state: 'reading' }) });
    await following.pass(20 * second);
    expect(following.looks).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20].map((seconds) => seconds * second));
    expect(following.end).toBeUndefined();
  });
});

describe('an import that cannot complete by itself is left alone', () => {
  const dead = { deadLetters: 1 };

  test('when nothing happened for a minute', async () => {
    const following = new Following({ head: () => ({ state: 'read', batches: 2 }), progress: () => dead });
    await following.pass(hour);
    expect(following.end).toEqual({ how: { end: 'done' }, atMs: 60 * second });
  });

  test('counted from the last change', async () => {
    const following = new Following({
      head: () => ({ state: 'read', batches: 3 }),
      progress: (ms) => ({ ...dead, duplicates: ms < 50 * second ? 1 : 2 }),
    });
    await following.pass(hour);
    expect(following.end?.atMs).toBe(110 * second);
  });

  test('and not before the queues look empty', async () => {
    const following = new Following({
      head: () => ({ state: 'cancelled' }),
      messages: (ms) => (ms > 10 * second && ms < 200 * second ? 1 : 0),
    });
    await following.pass(hour);
    expect(following.end?.atMs).toBe(260 * second);
  });
});

describe('waiting ends', () => {
  test('when a person stops it', async () => {
    const following = new Following({});
    await following.pass(5 * second);
    following.stop.abort();
    await following.ended;
    expect(following.end?.how).toEqual({ end: 'stopped' });
  });

  test('when the ledger does not answer for too long', async () => {
    const trouble = new LedgerUnavailable('The table imports does not answer.');
    const unavailable = (): never => {
      throw trouble;
    };
    const following = new Following({ head: unavailable }, 0);
    await following.ended;
    expect(following.end?.how).toEqual({ end: 'stuck', trouble });
  });

  test('with the error where it is a defect', async () => {
    const following = new Following({
      head: () => {
        throw new TypeError('no such thing');
      },
    });
    await expect(following.ended).rejects.toThrow('no such thing');
  });
});
