import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Scratch, limited, type Ended, type Kept, type RunOptions } from './command.ts';

/** Looks at what a command said and left behind. */
export type Check = (scratch: Scratch, ended: Ended) => void | Promise<void>;

/** A command that meets something bad. */
export interface Fault {
  readonly label: string;
  /** Runs in a copy of a folder in which three people were imported and welcomed: `rollcall.db` and `mail`. */
  readonly prepare?: (scratch: Scratch) => void | Promise<void>;
  readonly args: (scratch: Scratch) => readonly string[];
  readonly options?: (scratch: Scratch) => RunOptions;
  readonly code: number;
  /** The lines of standard error: all of them. */
  readonly stderr: readonly string[];
  /** What it did all the same; nothing where it is not said. `some` is for `then` to judge. */
  readonly adds?: 'some' | { readonly users: number; readonly welcomed: number };
  /** What else holds afterwards. */
  readonly then?: Check;
  /** Why it cannot be tried here. */
  readonly skip?: string | undefined;
}

export const firstThree = 'name,email\nAda,ada@example.com\nBen,ben@example.com\nCleo,cleo@example.com\n';

export const others = 'name,email\nDora,dora@example.com\nEmil,emil@example.com\nFay,fay@example.com\n';

/** A folder in which three people were imported and welcomed. */
export async function threePeople(): Promise<Scratch> {
  const scratch = new Scratch();
  scratch.write('first.csv', firstThree);
  scratch.write('others.csv', others);
  const { code, stderr } = await scratch.run(['import', 'first.csv']);
  if (code !== 0) throw new Error(`The first import failed: ${stderr}`);
  return scratch;
}

/** Tries every fault in a folder of its own, several at once, and looks at all that it said and left behind. */
export function tryAll(faults: readonly Fault[], begin: () => Promise<Scratch>, most: number): void {
  const limit = limited(most);
  const trials = new Map<Fault, Promise<void>>();
  let like: Promise<Scratch> | undefined;
  beforeAll(() => {
    like = begin();
    for (const fault of faults.filter(({ skip }) => skip === undefined)) {
      const trial = limit(async () => tryOne(fault, await like!));
      // Its test hears of a failure; until then it must not count as unhandled.
      trial.catch(() => undefined);
      trials.set(fault, trial);
    }
  });
  afterAll(async () => (await like)?.remove());
  for (const fault of faults) {
    if (fault.skip !== undefined) test.skip(`${fault.label} (lacks ${fault.skip})`, () => undefined);
    else test(fault.label, () => trials.get(fault), 60_000);
  }
}

async function tryOne(fault: Fault, like: Scratch): Promise<void> {
  const scratch = new Scratch(like);
  try {
    await fault.prepare?.(scratch);
    const ended = await scratch.run(fault.args(scratch), fault.options?.(scratch));
    await check(fault, like.kept(), scratch, ended);
  } finally {
    scratch.remove();
  }
}

async function check(fault: Fault, before: Kept, scratch: Scratch, ended: Ended): Promise<void> {
  expect(ended.stderr).toBe(fault.stderr.map((line) => `${line}\n`).join(''));
  expect(ended.code).toBe(fault.code);
  const after = scratch.kept();
  if (fault.adds === undefined) expect(after).toStrictEqual(before);
  else if (fault.adds !== 'some') {
    expect(after).toMatchObject({ users: before.users + fault.adds.users, welcomed: before.welcomed + fault.adds.welcomed });
  }
  // The imports of before stand as they were, and their mails lie where they lay.
  expect(after.imports.slice(0, before.imports.length)).toStrictEqual(before.imports);
  expect(after.mails).toStrictEqual(expect.arrayContaining([...before.mails]));
  await fault.then?.(scratch, ended);
}
