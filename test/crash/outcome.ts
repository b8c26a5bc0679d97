import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDatabase } from './state.ts';

/** What an import came to: all that must be the same however often it was killed. Which of two rows with one address won is not promised. */
export interface Outcome {
  /** What the command printed, without its time and its uncertain sends. Its `welcomed` are those that are known to be sent. */
  readonly counts: Readonly<Record<string, unknown>>;
  /** Address keys, one an account. */
  readonly users: readonly string[];
  /** Row, code and cells of each rejected row. */
  readonly rejections: readonly string[];
  /** How often each Message-ID arrived. */
  readonly mails: ReadonlyMap<string, number>;
  /** How many sends of each Message-ID the welcome ledger calls uncertain. */
  readonly uncertain: ReadonlyMap<string, number>;
  /** The users whose welcome the ledger leaves uncertain: nobody knows whether it was sent, and it is not tried again. */
  readonly leftUncertain: ReadonlySet<string>;
  /** Messages and users that are still on their way. */
  readonly left: number;
}

/** What is wrong with an outcome, in numbers; and mails that came twice as they may: only where the ledger calls a send uncertain. */
export interface Numbers {
  readonly usersLost: number;
  readonly usersTwice: number;
  /** Mails that never came, and are not left uncertain. */
  readonly mailsLost: number;
  /** Welcomes that are left uncertain and of which no mail came: that may be. */
  readonly uncertainWithoutMail: number;
  /** Mails that came more often than one and their uncertain sends, or more than twice. */
  readonly mailsTwice: number;
  readonly mailsTwiceUncertain: number;
  readonly uncertainSends: number;
}

export const noDamage: Numbers = {
  usersLost: 0,
  usersTwice: 0,
  mailsLost: 0,
  uncertainWithoutMail: 0,
  mailsTwice: 0,
  mailsTwiceUncertain: 0,
  uncertainSends: 0,
};

/** After so many uncertain sends, and not earlier, a welcome is left uncertain; and nobody gets more mails than that. */
const mostSends = 2;

export interface Damage extends Numbers {
  /** In words; empty where all is as it should be. */
  readonly violations: readonly string[];
}

/** @param result the line that the command printed with --json */
export function outcomeOf(file: string, result: string, mails: ReadonlyMap<string, number>): Outcome {
  const { seconds: _, uncertain: __, ...counts } = JSON.parse(result) as Record<string, unknown>;
  return withDatabase(file, (db) => {
    const all = (sql: string): string[] => db.prepare(sql).pluck().all() as string[];
    const uncertain = db.prepare('SELECT user_id, uncertain_sends FROM welcomes WHERE uncertain_sends > 0').raw().all() as [
      string,
      number,
    ][];
    return {
      counts,
      users: all('SELECT key FROM users ORDER BY key'),
      rejections: all("SELECT row || ' ' || code || ' ' || cells FROM rejections ORDER BY row"),
      mails,
      uncertain: new Map(uncertain),
      leftUncertain: new Set(all("SELECT user_id FROM welcomes WHERE state = 'uncertain'")),
      // Another request to read the same upload may lie there when all is done: whoever finds it has nothing to do.
      left: db
        .prepare("SELECT (SELECT count(*) FROM messages WHERE queue = 'records') + (SELECT count(*) FROM feed)")
        .pluck()
        .get() as number,
    };
  });
}

/**
 * Compares with an undisturbed run of the same file.
 * @param cutOff how many sends of one welcome can have been cut off: no more of them may be uncertain
 */
export function damageOf(outcome: Outcome, undisturbed: Outcome, cutOff = mostSends): Damage {
  const keys = new Set(outcome.users);
  const arrived = [...outcome.mails];
  const allowed = (id: string): number => Math.min(1 + (outcome.uncertain.get(userOf(id)) ?? 0), mostSends);
  const missing = [...undisturbed.mails.keys()].filter((id) => !outcome.mails.has(id));
  const uncertainWithoutMail = missing.filter((id) => outcome.leftUncertain.has(userOf(id))).length;
  const numbers = {
    usersLost: undisturbed.users.filter((key) => !keys.has(key)).length,
    usersTwice: outcome.users.length - new Set(outcome.users.map((key) => key.toLowerCase())).size,
    mailsLost: missing.length - uncertainWithoutMail,
    uncertainWithoutMail,
    mailsTwice: arrived.filter(([id, times]) => times > allowed(id)).length,
    mailsTwiceUncertain: arrived.filter(([id, times]) => times > 1 && times <= allowed(id)).length,
    uncertainSends: [...outcome.uncertain.values()].reduce((sum, sends) => sum + sends, 0),
  };
  const invented =
    arrived.filter(([id]) => !undisturbed.mails.has(id)).length + [...keys].filter((key) => !undisturbed.users.includes(key)).length;
  const early = [...outcome.leftUncertain].filter((user) => (outcome.uncertain.get(user) ?? 0) < mostSends).length;
  const late = [...outcome.uncertain].filter(([user, sends]) => sends >= mostSends && !outcome.leftUncertain.has(user)).length;
  const often = [...outcome.uncertain.values()].filter((sends) => sends > cutOff).length;
  const violations = [
    ...(['usersLost', 'usersTwice', 'mailsLost', 'mailsTwice'] as const).flatMap((name) =>
      numbers[name] > 0 ? [`${name}: ${numbers[name]}`] : [],
    ),
    ...(invented > 0 ? [`users or mails that the undisturbed run does not have: ${invented}`] : []),
    ...(early > 0 ? [`left uncertain before the second uncertain send: ${early}`] : []),
    ...(late > 0 ? [`not left alone after the second uncertain send: ${late}`] : []),
    ...(often > 0 ? [`uncertain more often than sends were cut off: ${often}`] : []),
    ...differences('counts', outcome.counts, welcoming(undisturbed.counts, outcome.leftUncertain.size)),
    ...differences('rejections', outcome.rejections, undisturbed.rejections),
    ...(outcome.left > 0 ? [`left on its way: ${outcome.left}`] : []),
  ];
  return { ...numbers, violations };
}

/** How often each Message-ID lies in a maildir. */
export function mailsIn(maildir: string): ReadonlyMap<string, number> {
  const mails = new Map<string, number>();
  for (const folder of ['new', 'cur'].map((name) => join(maildir, name)).filter((path) => existsSync(path))) {
    for (const name of readdirSync(folder)) {
      const id = messageIdOf(readFileSync(join(folder, name), 'utf8'));
      mails.set(id, (mails.get(id) ?? 0) + 1);
    }
  }
  return mails;
}

/** The Message-ID of a message, without its brackets. */
export function messageIdOf(message: string): string {
  return /^Message-ID: <(.*)>/im.exec(message)?.[1] ?? 'none';
}

/** The counts of a run that leaves so many welcomes uncertain. */
function welcoming(counts: Outcome['counts'], fewer: number): Outcome['counts'] {
  return { ...counts, welcomed: Number(counts['welcomed']) - fewer };
}

/** Whom a welcome's Message-ID tells of. */
function userOf(messageId: string): string {
  return messageId.split('@')[0] ?? '';
}

function differences(what: string, given: unknown, wanted: unknown): readonly string[] {
  const [a, b] = [JSON.stringify(given), JSON.stringify(wanted)];
  return a === b ? [] : [`${what} differ: ${a.slice(0, 400)} instead of ${b.slice(0, 400)}`];
}
