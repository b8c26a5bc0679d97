import { DirectoryUnavailable } from '../../src/ports/user-directory.ts';
import { LedgerUnavailable } from '../../src/ports/import-ledger.ts';
import { MailPaused, MailRefused, MailUnavailable, MailUncertain } from '../../src/ports/mailer.ts';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import { ScheduleUnavailable } from '../../src/ports/send-schedule.ts';
import { UploadsUnavailable, UploadUnreadable } from '../../src/ports/upload-store.ts';
import type { Chance } from './chance.ts';

/** What can go wrong with a call of a port. */
export type Fault =
  /** Refused by the port's own error, before any effect. */
  | 'throttled'
  /** An error that nobody foresaw, before any effect. */
  | 'fails'
  /** Has its effect, and its answer is an error: the lost acknowledgement. */
  | 'answer lost'
  /** Has its effect on some of what it was given. */
  | 'in part'
  /** Answers long after it had its effect, past every time-out. */
  | 'hangs'
  /** Hangs first, and has its effect when all others have given it up. */
  | 'late effect'
  /** The process dies before the call has its effect, or after it. */
  | 'dies before'
  | 'dies after'
  /** Deliveries come again that were handled already; come later; come in another order. */
  | 'twice'
  | 'late'
  | 'reordered'
  /** Gone without a trace: a stream record that expired, a message that was kept too long. The sweep has to find out. */
  | 'lost'
  /** The upload cannot be read: no attempt helps until somebody mends it. */
  | 'unreadable'
  /** The mail server refuses for good; takes nothing from anybody; gives no answer, and did not take it. */
  | 'refused'
  | 'paused'
  | 'no answer';

/** The error by which a port says that it does not work now. */
const unavailable = {
  uploads: () => new UploadsUnavailable('The place for uploads is throttled.'),
  uploadQueue: () => new QueueUnavailable('The queue is throttled.'),
  uploadSource: () => new QueueUnavailable('The queue is throttled.'),
  records: () => new QueueUnavailable('The queue is throttled.'),
  recordsSource: () => new QueueUnavailable('The queue is throttled.'),
  welcomes: () => new QueueUnavailable('The queue is throttled.'),
  welcomeSource: () => new QueueUnavailable('The queue is throttled.'),
  deadLetters: () => new QueueUnavailable('The dead letters are throttled.'),
  users: () => new DirectoryUnavailable('The directory is throttled.'),
  feed: () => new DirectoryUnavailable('The feed is throttled.'),
  imports: () => new LedgerUnavailable('The ledger is throttled.'),
  ledger: () => new LedgerUnavailable('The ledger is throttled.'),
  schedule: () => new ScheduleUnavailable('The schedule is throttled.'),
  mailer: () => new MailUnavailable('The mail server asks to try later.'),
} as const;

/** The ports by whose calls something can go wrong. */
type FaultyPort = keyof typeof unavailable;

const usual: readonly Fault[] = ['throttled', 'fails', 'answer lost', 'hangs', 'late effect', 'dies before', 'dies after'];
/** What goes wrong with what a call received, beside what goes wrong with the call. */
export const arrivals: readonly Fault[] = ['twice', 'late', 'reordered'];
/** For calls that are given several things at once. */
const several: readonly Fault[] = [...usual, 'in part'];

/** What can go wrong with each call that the flow makes. */
export const faultsOf: Readonly<Record<string, readonly Fault[]>> = {
  'uploads.open': ['throttled', 'unreadable', 'fails', 'hangs', 'dies before', 'dies after'],
  'uploads.markDone': ['fails', 'answer lost', 'hangs', 'late effect', 'dies before', 'dies after'],
  'uploadQueue.send': several,
  'records.send': several,
  'welcomes.send': several,
  'uploadSource.receive': usual,
  'recordsSource.receive': usual,
  'welcomeSource.receive': usual,
  'uploadSource.acknowledge': several,
  'recordsSource.acknowledge': several,
  'welcomeSource.acknowledge': usual,
  'uploadSource.release': usual,
  'recordsSource.release': usual,
  'welcomeSource.release': usual,
  'uploadSource.extend': usual,
  'recordsSource.extend': usual,
  'welcomeSource.extend': usual,
  'welcomeSource.depth': usual,
  'feed.receive': usual,
  'feed.advance': usual,
  'feed.depth': usual,
  'users.store': several,
  'users.list': usual,
  'imports.create': usual,
  'imports.find': usual,
  'imports.list': usual,
  'imports.replace': usual,
  'imports.record': several,
  'imports.progress': usual,
  'imports.noteFailure': usual,
  'imports.markDeadLettered': usual,
  'imports.clearFailure': usual,
  'ledger.replace': several,
  'ledger.find': usual,
  'ledger.totals': usual,
  'ledger.keepChannel': usual,
  'schedule.reserve': usual,
  'deadLetters.put': usual,
  'deadLetters.list': usual,
  'deadLetters.redrive': usual,
  'mailer.quota': ['throttled', 'fails', 'hangs', 'dies before', 'dies after'],
  'mailer.send': [...usual, 'refused', 'paused', 'no answer'],
};

/** In a storm anything goes wrong; at the ebb only the sweep does, which would hardly be struck otherwise, since it waits for quiet. */
export type Weather = 'storm' | 'ebb' | 'calm';

/** How often each fault struck each call: `call → fault → times`. */
export type Census = Map<string, Map<Fault, number>>;

/** Draws what goes wrong. Each run has its own few kinds of faults, some rare and some frequent: so that bad luck of one kind can pile up. */
export class Faults {
  readonly census: Census = new Map();
  weather: Weather = 'storm';
  readonly #chance: Chance;
  readonly #idempotent: boolean;
  readonly #rates = new Map<Fault, number>();
  readonly #weights = new Map<string, number>();

  /** @param idempotent whether two sends of one mail are one: then a lost answer leaves nothing uncertain */
  constructor(chance: Chance, idempotent: boolean) {
    this.#chance = chance;
    this.#idempotent = idempotent;
    const kinds = new Set([...Object.values(faultsOf).flat(), ...arrivals]);
    for (const kind of kinds)
      if (chance.hits(0.5)) this.#rates.set(kind, chance.pick([0.005, 0.01, 0.02, 0.05]) * (deadly.has(kind) ? 0.3 : 1));
    for (const call of Object.keys(faultsOf)) this.#weights.set(call, chance.pick([0, 0.5, 1, 1, 2, 6]) * (seldom.get(call) ?? 1));
  }

  /** What goes wrong with this call, if anything. */
  strike(call: string, args: readonly unknown[]): Fault | undefined {
    const kinds = faultsOf[call];
    if (!kinds) throw new TypeError(`Nobody says what can go wrong with ${call}.`);
    const [given] = args;
    const isOne = Array.isArray(given) && given.length < 2;
    const kind = this.#draw(call, isOne ? kinds.filter((kind) => kind !== 'in part') : kinds);
    if (kind) this.happened(call, kind);
    return kind;
  }

  /** What is to go wrong with what is received, if anything; it happens only where there is something to receive. */
  arrival(call: string): Fault | undefined {
    return this.#draw(call, arrivals);
  }

  /** The error that a call raises by this fault. */
  error(call: string, fault: Fault): Error {
    if (fault === 'unreadable') return new UploadUnreadable('The upload cannot be read.');
    if (fault === 'fails') return new Error(`Something nobody foresaw, at ${call}.`);
    if (call === 'mailer.send') {
      if (fault === 'refused') return new MailRefused('The mail server refuses the recipient.');
      if (fault === 'paused') return new MailPaused('The mail server takes nothing now.');
      if (!this.#idempotent && (fault === 'no answer' || fault === 'answer lost'))
        return new MailUncertain('The connection ended before the answer came.');
    }
    return unavailable[call.slice(0, call.indexOf('.')) as FaultyPort]();
  }

  /** Counts a fault. */
  happened(call: string, kind: Fault): void {
    const kinds = this.census.get(call) ?? new Map<Fault, number>();
    this.census.set(call, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
  }

  #draw(call: string, kinds: readonly Fault[]): Fault | undefined {
    if (this.weather === 'calm' || (this.weather === 'ebb' && !ofTheSweep.has(call))) return undefined;
    const rate = (kind: Fault): number => this.#rates.get(kind) ?? 0;
    const sum = kinds.reduce((total, kind) => total + rate(kind), 0);
    if (!this.#chance.hits(Math.min(sum * (this.#weights.get(call) ?? 0), mostOften))) return undefined;
    return this.#chance.weigh(kinds, rate);
  }
}

/** What nobody calls but the sweep, and only where something was lost. */
const ofTheSweep: ReadonlySet<string> = new Set(['users.list', 'ledger.find']);

/** A call that went wrong more often would hardly let the calls be tried that follow upon it. */
const mostOften = 0.5;

/** Calls that a run makes only now and then, and how much more often they are struck for it. */
const seldom: ReadonlyMap<string, number> = new Map([
  ...[...ofTheSweep].map((call) => [call, 60] as const),
  ['welcomes.send', 4],
  ...[
    'ledger.keepChannel',
    'imports.create',
    'imports.noteFailure',
    'imports.markDeadLettered',
    'imports.clearFailure',
    'deadLetters.put',
    'deadLetters.list',
    'deadLetters.redrive',
    'uploads.markDone',
    'uploadQueue.send',
    'uploadSource.release',
    'recordsSource.release',
    'welcomeSource.release',
  ].map((call) => [call, 10] as const),
]);

const deadly: ReadonlySet<Fault> = new Set(['dies before', 'dies after', 'fails']);
