import { noDamage, type Numbers } from './outcome.ts';
import { planOf, type Plan } from './plan.ts';
import { makeReference, removeReference, type Reference } from './reference.ts';
import { stages, type Stage } from './state.ts';
import { runTrial, type Trial } from './trial.ts';

export interface CrashOptions {
  /** How many kills must count. */
  readonly kills: number;
  /** How many kills each stage must get. */
  readonly perStage: number;
  /** How many kills must meet welcomes that are sent again after the kill before. */
  readonly again: number;
  readonly seed: number;
  /** Rows of the file. */
  readonly rows: number;
  /** Runs this trial alone. */
  readonly only?: number;
  /** Hears of every trial. */
  readonly heard?: (trial: number, plan: Plan, result: Trial) => void;
}

/** What came of all trials. */
export interface CrashReport extends Numbers {
  readonly trials: number;
  /** Kills that count, by the stage that they came amid. */
  readonly kills: Readonly<Record<Stage, number>>;
  readonly besideAnother: number;
  readonly overSmtp: number;
  /** Kills amid send-email that met welcomes which were sent again after the kill before. */
  readonly again: number;
  /** Kills that came before anything was on its way, or when all was done. */
  readonly uncounted: number;
  readonly restarts: number;
  /** Each with its seed, its trial and its kills. */
  readonly violations: readonly string[];
}

/** How many trials run at once. */
const atOnce = 2;

/** Kills the command until as many kills count as are wanted, and compares every import with an undisturbed one. */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const reference = await makeReference(options.rows, options.seed);
  try {
    const tally = new Tally(options);
    let next = options.only ?? 0;
    const lane = async (): Promise<void> => {
      while (!tally.enough && (options.only === undefined || next === options.only)) await one(reference, options, next++, tally);
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return tally.report();
  } finally {
    removeReference(reference);
  }
}

async function one(reference: Reference, { seed, heard }: CrashOptions, trial: number, tally: Tally): Promise<void> {
  const plan = planOf(reference, seed, trial);
  const result = await runTrial(reference, plan);
  tally.add(trial, plan, result);
  heard?.(trial, plan, result);
}

class Tally {
  readonly #options: CrashOptions;
  readonly #kills: Record<Stage, number> = { 'process-csv': 0, 'insert-records': 0, announce: 0, 'send-email': 0 };
  readonly #violations: string[] = [];
  readonly #sums: { -readonly [Name in keyof Numbers]: number } = { ...noDamage };
  #trials = 0;
  #besideAnother = 0;
  #overSmtp = 0;
  #again = 0;
  #uncounted = 0;
  #restarts = 0;

  constructor(options: CrashOptions) {
    this.#options = options;
  }

  /** Whether there are kills enough; or so many trials that there never will be. */
  get enough(): boolean {
    return this.#reached || this.#trials >= this.#most;
  }

  add(trial: number, { mail, begun }: Plan, { kills, restarts, damage }: Trial): void {
    this.#trials++;
    this.#restarts += restarts;
    for (const { amid, beside, again } of kills) {
      if (amid === undefined) this.#uncounted++;
      else {
        this.#kills[amid]++;
        if (beside) this.#besideAnother++;
        if (mail === 'smtp') this.#overSmtp++;
        if (again) this.#again++;
      }
    }
    for (const name of Object.keys(noDamage) as (keyof Numbers)[]) this.#sums[name] += damage[name];
    const story = `${mail}${begun ? '' : ', from the start'}, killed at ${kills.map(({ moment, amid }) => `${moment} (${amid ?? 'too little or all done'})`).join(', then at ')}`;
    for (const violation of damage.violations) this.#violations.push(`seed ${this.#options.seed}, trial ${trial}, ${story}: ${violation}`);
  }

  report(): CrashReport {
    const { perStage, again } = this.#options;
    const few = [...stages.filter((stage) => this.#kills[stage] < perStage), ...(this.#again < again ? ['again'] : [])];
    const missing =
      this.#reached || this.#options.only !== undefined
        ? []
        : [
            `too few kills after ${this.#trials} trials: ${JSON.stringify({ ...this.#kills, again: this.#again })}, short of ${few.join(', ')}`,
          ];
    return {
      trials: this.#trials,
      kills: this.#kills,
      besideAnother: this.#besideAnother,
      overSmtp: this.#overSmtp,
      again: this.#again,
      uncounted: this.#uncounted,
      restarts: this.#restarts,
      ...this.#sums,
      violations: [...this.#violations, ...missing],
    };
  }

  get #reached(): boolean {
    const counts = Object.values(this.#kills);
    const { kills, perStage, again } = this.#options;
    return counts.reduce((sum, count) => sum + count, 0) >= kills && counts.every((count) => count >= perStage) && this.#again >= again;
  }

  get #most(): number {
    return 20 + 4 * this.#options.kills;
  }
}
