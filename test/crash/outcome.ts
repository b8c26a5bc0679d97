import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDatabase } from './state.ts';

/** What an import came to: all that must be the same however often it was killed. Which of two rows with one address won is not promised. */
export interface Outcome {
  /** What the command printed, without its time and its uncertain sends. */
  readonly counts: Readonly<Record<string, unknown>>;
  /** Address keys, one an account. */
  readonly users: readonly string[];
  /** Row, code and cells of each rejected row. */
  readonly rejections: readonly string[];
  /** How often each Message-ID arrived. */
  readonly mails: ReadonlyMap<string, number>;
  /** How many sends of each Message-ID the welcome ledger calls uncertain. */
  readonly uncertain: ReadonlyMap<string, number>;
  /** Messages and users that are still on their way. */
  readonly left: number;
}

/** What is wrong with an outcome, in numbers; and mails that came twice as they may: only where the ledger calls a send uncertain. */
export interface Numbers {
  readonly usersLost: number;
  readonly usersTwice: number;
  readonly mailsLost: number;
  /** Mails that came more often than one and their uncertain sends. */
  readonly mailsTwice: number;
  readonly mailsTwiceUncertain: number;
  readonly uncertainSends: number;
}

export const noDamage: Numbers = { usersLost: 0, usersTwice: 0, mailsLost: 0, mailsTwice: 0, mailsTwiceUncertain: 0, uncertainSends: 0 };

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
      // Another request to read the same upload may lie there when all is done: whoever finds it has nothing to do.
      left: db
        .prepare("SELECT (SELECT count(*) FROM messages WHERE queue = 'records') + (SELECT count(*) FROM feed)")
        .pluck()
        .get() as number,
    };
  });
}

/** Compares with an undisturbed run of the same file. */
export function damageOf(outcome: Outcome, undisturbed: Outcome): Damage {
  const keys = new Set(outcome.users);
  const arrived = [...outcome.mails];
  const allowed = (id: string): number => 1 + (outcome.uncertain.get(id.split('@')[0] ?? '') ?? 0);
  const numbers = {
    usersLost: undisturbed.users.filter((key) => !keys.has(key)).length,
    usersTwice: outcome.users.length - new Set(outcome.users.map((key) => key.toLowerCase())).size,
    mailsLost: [...undisturbed.mails.keys()].filter((id) => !outcome.mails.has(id)).length,
    mailsTwice: arrived.filter(([id, times]) => times > allowed(id)).length,
    mailsTwiceUncertain: arrived.filter(([id, times]) => times > 1 && times <= allowed(id)).length,
    uncertainSends: [...outcome.uncertain.values()].reduce((sum, sends) => sum + sends, 0),
  };
  const invented =
    arrived.filter(([id]) => !undisturbed.mails.has(id)).length + [...keys].filter((key) => !undisturbed.users.includes(key)).length;
  const violations = [
    ...(['usersLost', 'usersTwice', 'mailsLost', 'mailsTwice'] as const).flatMap((name) =>
      numbers[name] > 0 ? [`${name}: ${numbers[name]}`] : [],
    ),
    ...(invented > 0 ? [`users or mails that the undisturbed run does not have: ${invented}`] : []),
    ...differences('counts', outcome.counts, undisturbed.counts),
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

function differences(what: string, given: unknown, wanted: unknown): readonly string[] {
  const [a, b] = [JSON.stringify(given), JSON.stringify(wanted)];
  return a === b ? [] : [`${what} differ: ${a.slice(0, 400)} instead of ${b.slice(0, 400)}`];
}
