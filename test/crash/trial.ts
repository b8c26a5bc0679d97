import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CountingMailServer, type MailMoment } from './mail-server.ts';
import { damageOf, mailsIn, noDamage, outcomeOf, type Damage } from './outcome.ts';
import { shownMoment, type Moment, type Plan } from './plan.ts';
import { importArgs, sender, type Reference } from './reference.ts';
import { settled, start, type Ended, type Running, type StartOptions } from './rollcall.ts';
import { claimedUsers, stageAmid, stateOf, type Stage } from './state.ts';

/** A kill, and what it came amid: nothing where too little or too much was done for it to count. */
interface Kill {
  readonly moment: string;
  readonly amid: Stage | undefined;
  /** Another worker was at work on the same database. */
  readonly beside: boolean;
  /** It met welcomes that were sent again after the kill before. */
  readonly again: boolean;
}

export interface Trial {
  readonly kills: readonly Kill[];
  readonly restarts: number;
  readonly damage: Damage;
}

/** A worker whose database nobody changed for this long waits for the leases of the dead. In milliseconds. */
const stillMs = 700;
const lookMs = 50;

/** Longer than any lease, in milliseconds. */
const leap = 10 * 60_000;

/** Imports the reference's file, kills the command at the plan's moments, starts it again until it is done, and compares. */
export async function runTrial(reference: Reference, plan: Plan): Promise<Trial> {
  const cwd = mkdtempSync(join(reference.folder, 'trial-'));
  const server = await CountingMailServer.start();
  try {
    if (plan.begun) copyFileSync(reference.begun, join(cwd, 'people.db'));
    return await new Course(reference, plan, cwd, server).run();
  } finally {
    await server.close();
    rmSync(cwd, { recursive: true, force: true });
  }
}

class Course {
  readonly #reference: Reference;
  readonly #plan: Plan;
  readonly #cwd: string;
  readonly #db: string;
  readonly #server: CountingMailServer;
  readonly #kills: Kill[] = [];

  constructor(reference: Reference, plan: Plan, cwd: string, server: CountingMailServer) {
    this.#reference = reference;
    this.#plan = plan;
    this.#cwd = cwd;
    this.#db = join(cwd, 'people.db');
    this.#server = server;
  }

  async run(): Promise<Trial> {
    const { moments, workers } = this.#plan;
    let restarts = 0;
    for (const moment of moments) {
      const { signal, code, stderr } = workers === 1 ? await this.#alone(moment) : await this.#besideAnother(moment);
      // It was done before its moment came.
      if (signal === null && code === 0) break;
      if (signal !== 'SIGKILL') return this.#failed(restarts, `it ended with ${code ?? signal}: ${stderr.trim()}`);
      restarts++;
    }
    const last = await settled(start(this.#args(), this.#options()));
    const { mail } = this.#plan;
    const due = (stateOf(this.#db)?.uncertain ?? 0) > 0 ? 1 : 0;
    if (last.code !== due)
      return this.#failed(restarts, `the last run ended with ${last.code ?? last.signal} instead of ${due}: ${last.stderr.trim()}`);
    const outcome = outcomeOf(this.#db, last.stdout, mail === 'smtp' ? this.#server.mails : mailsIn(join(this.#cwd, 'mail')));
    return { kills: this.#kills, restarts, damage: damageOf(outcome, this.#reference.undisturbed[mail].outcome, this.#cutOff) };
  }

  /** How many sends of one welcome can be uncertain: none into a maildir, one a kill, and beside it those whose lease a leap of the clock ends. */
  get #cutOff(): number {
    if (this.#plan.mail === 'maildir') return 0;
    return this.#plan.workers === 2 ? 2 : this.#kills.length;
  }

  async #alone(moment: Moment): Promise<Ended> {
    const running = start(this.#args(), this.#options(moment));
    this.#killAt(moment, running);
    const ended = await settled(running);
    if (ended.signal === 'SIGKILL') this.#note(moment, false);
    return ended;
  }

  /** `import` and `work` at once, one of which is killed; the other one finishes. */
  async #besideAnother(moment: Moment): Promise<Ended> {
    const ahead = join(this.#cwd, 'ahead');
    writeFileSync(ahead, '0');
    const survivorOptions: StartOptions = { cwd: this.#cwd, preload: ['shiftedClock'], env: { CLOCK_AHEAD: ahead } };
    const work = ['work', '--db', 'people.db', '--mail', this.#mail, '--from', sender];
    const [victimArgs, survivorArgs] = this.#plan.victim === 'import' ? [this.#args(), work] : [work, this.#args()];
    const victim = start(victimArgs, this.#options(moment));
    const survivor = start(survivorArgs, survivorOptions);
    this.#killAt(moment, victim);
    const survived = settled(survivor);
    const ended = await settled(victim);
    if (ended.signal === 'SIGKILL') this.#note(moment, survivor.child.exitCode === null);
    // What the dead one had under way has leases, and these end by the clock: the survivor's is put forward as often as it stands still.
    let [seen, still, leaps] = ['', 0, 0];
    while ((await Promise.race([survived, pause(lookMs)])) === undefined) {
      const now = stateOf(this.#db)?.fingerprint ?? '';
      still = now === seen ? still + lookMs : 0;
      seen = now;
      if (still < stillMs) continue;
      writeFileSync(ahead, String(++leaps * leap));
      still = 0;
    }
    const { code, signal, stderr } = await survived;
    return code === 0 ? ended : { code, signal, stdout: '', stderr: `the worker beside it: ${stderr}` };
  }

  /** Has the mail server kill the command, where it is its matter. */
  #killAt(moment: Moment, { child }: Running): void {
    const isDue = this.#mailDue(moment);
    this.#server.onMail = (nth, place, messageId) => {
      if (isDue(nth, place, messageId)) child.kill('SIGKILL');
      return undefined;
    };
  }

  /** Tells when the mail server has come to the moment. */
  #mailDue(moment: Moment): (nth: number, place: MailMoment, messageId: string) => boolean {
    if (moment.by === 'write') return () => false;
    if (moment.by === 'mail') return (nth, place) => nth === moment.nth && place === moment.place;
    const uncertain = new Set(claimedUsers(this.#db).map((user) => `${user}@example.com`));
    const due = 1 + Math.floor(uncertain.size * moment.share);
    let came = 0;
    return (_, place, messageId) => place === moment.place && uncertain.has(messageId) && ++came === due;
  }

  #note(moment: Moment, beside: boolean): void {
    const state = stateOf(this.#db);
    const again = (state?.claimedAgain ?? 0) > 0;
    this.#kills.push({ moment: shownMoment(moment), amid: state && stageAmid(state, moment.stage), beside, again });
  }

  #failed(restarts: number, violation: string): Trial {
    return { kills: this.#kills, restarts, damage: { ...noDamage, violations: [violation] } };
  }

  get #mail(): string {
    return this.#plan.mail === 'smtp' ? `smtp://127.0.0.1:${this.#server.port}` : 'maildir:mail';
  }

  #args(): readonly string[] {
    return importArgs(this.#reference.csv, this.#mail);
  }

  #options(moment?: Moment): StartOptions {
    if (moment?.by !== 'write') return { cwd: this.#cwd };
    return { cwd: this.#cwd, preload: ['killSwitch'], env: { KILL_AT: `${moment.kind}:${moment.nth}:${moment.turns}` } };
  }
}
