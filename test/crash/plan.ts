import { MemoryRandom } from '../../src/adapters/memory/random.ts';
import { mailMoments, type MailMoment } from './mail-server.ts';
import type { MailKind, Reference } from './reference.ts';
import { stages, type Stage } from './state.ts';

/**
 * When to kill: at a write of the command to its database, at a place in the delivery of a mail, or (`again`) of one whose send the
 * kill before left uncertain: after this share of them.
 */
export type Moment = {
  /** The stage that is aimed at. */
  readonly stage: Stage;
} & (
  | { readonly by: 'write'; readonly kind: string; readonly nth: number; readonly turns: number }
  | { readonly by: 'mail'; readonly nth: number; readonly place: MailMoment }
  | { readonly by: 'again'; readonly share: number; readonly place: MailMoment }
);

/** One import that is killed once or several times. */
export interface Plan {
  readonly mail: MailKind;
  /** Two workers: one is killed, the other one finishes. */
  readonly workers: 1 | 2;
  readonly victim: 'import' | 'work';
  /** It goes on with an import of many small batches; else it begins by making the database. */
  readonly begun: boolean;
  readonly moments: readonly Moment[];
}

/** Writes that a stage makes: where to aim at it. */
const writesOf: Readonly<Record<Stage, readonly string[]>> = {
  'process-csv': ['INSERT messages', 'UPDATE imports'],
  'insert-records': ['INSERT users', 'INSERT feed', 'INSERT batch_results', 'INSERT rejections', 'DELETE messages'],
  announce: ['INSERT feed_lease', 'DELETE feed', 'DELETE feed_lease'],
  'send-email': ['INSERT welcomes', 'UPDATE welcomes'],
};

/** The plan of the nth trial of a seed: the same for the same numbers. */
export function planOf({ undisturbed }: Reference, seed: number, trial: number): Plan {
  const random = new MemoryRandom(Math.imul(seed, 7919) + trial);
  // The first numbers of neighbouring seeds are akin.
  for (let i = 0; i < 8; i++) random.next();
  const upTo = (most: number): number => Math.floor(random.next() * most);
  const pick = <T>(values: readonly T[]): T => values[upTo(values.length)]!;

  const workers = upTo(4) === 0 ? 2 : 1;
  const mail = upTo(3) === 0 ? 'smtp' : 'maildir';
  const begun = workers === 2 || upTo(8) > 0;
  const { writes, outcome } = undisturbed[mail];
  const moment = (stage: Stage, share: number): Moment => {
    if (stage === 'send-email' && mail === 'smtp' && upTo(2) === 0) {
      return { stage, by: 'mail', nth: 1 + upTo(outcome.mails.size * share), place: pick(mailMoments) };
    }
    const kind = pick(writesOf[stage]);
    const most = Math.ceil((writes[kind] ?? 1) * share);
    // The end of announcing is the only time at which nothing else is on its way.
    const nth = stage === 'announce' && upTo(2) === 0 ? most : 1 + upTo(most);
    return { stage, by: 'write', kind, nth, turns: upTo(2) * upTo(12) };
  };
  // Each of these leaves a claim behind for sure: of a mail without an answer, or of one that is about to be confirmed.
  const amidSend = (): Moment =>
    upTo(2) === 0
      ? { stage: 'send-email', by: 'mail', nth: 1 + upTo(outcome.mails.size / 2), place: pick(['before-taking', 'before-answering']) }
      : { stage: 'send-email', by: 'write', kind: 'UPDATE welcomes', nth: 1 + upTo(outcome.mails.size / 2), turns: 0 };
  const amidSendAgain = (): Moment => ({ stage: 'send-email', by: 'again', share: random.next() / 2, place: pick(mailMoments) });
  // About a third of the trials over SMTP. Whoever is met by both kills is left uncertain for good.
  const twice = mail === 'smtp' && workers === 1 && upTo(9) < 4;
  const kills = workers === 2 || mail === 'smtp' ? 1 : 1 + upTo(3);
  const first = trial % stages.length;
  const moments = twice
    ? [amidSend(), amidSendAgain()]
    : Array.from({ length: kills }, (_, index) => moment(stages[(first + index) % stages.length]!, workers === 2 ? 0.5 : 1 / (1 + index)));
  return { mail, workers, victim: pick(['import', 'work']), begun, moments };
}

/** A moment in words. */
export function shownMoment(moment: Moment): string {
  switch (moment.by) {
    case 'write':
      return `${moment.kind} ${moment.nth} +${moment.turns}`;
    case 'mail':
      return `mail ${moment.nth} ${moment.place}`;
    case 'again':
      return `a mail that was uncertain, after ${Math.round(moment.share * 100)} % of them, ${moment.place}`;
  }
}
