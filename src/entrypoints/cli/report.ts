import type { DeadLetter } from '../../ports/dead-letters.ts';
import type { ImportHead } from '../../ports/import-ledger.ts';
import type { ImportId, Rejection } from '../../ports/vocabulary.ts';
import { tokens, type World } from '../composition/tokens.ts';
import { followedHead, type FollowedImport } from './follow.ts';

/** What there is to tell about an import. */
export interface Report extends FollowedImport {
  /** The first rejected rows. */
  readonly rejections: readonly Rejection[];
  /** The oldest of its dead letters, with the addresses that they were for, and how many there are. */
  readonly letters: readonly { readonly letter: DeadLetter; readonly addresses: readonly string[] }[];
  readonly letterCount: number;
  /** How many of them are welcomes. */
  readonly welcomeLetterCount: number;
}

/** How many rejected rows and dead letters a report shows. */
const rejectionsShown = 5;
const lettersShown = 3;

/** Gathers what there is to tell about the import. */
export async function reportOf(world: World, id: ImportId): Promise<Report> {
  const head = await world.get(tokens.imports).find(id);
  if (!head) throw new TypeError(`There is no import ${id}.`);
  return reportOfHead(world, head);
}

/** Gathers what there is to tell about the import with this head. */
export async function reportOfHead(world: World, head: ImportHead): Promise<Report> {
  const deadLetters = world.get(tokens.deadLetters);
  const filter = { importId: head.id };
  const letterCount = await deadLetters.count(filter);
  // A look at dead letters may take seconds, and mostly there are none.
  const letters = letterCount === 0 ? [] : await deadLetters.list(filter, lettersShown);
  return {
    ...(await followedHead(world, head)),
    rejections: await world.get(tokens.imports).rejections(head.id, 0, rejectionsShown),
    letters: letters.map((letter) => ({ letter, addresses: addressesOf(world, letter) })),
    letterCount,
    welcomeLetterCount: letterCount === 0 ? 0 : await deadLetters.count({ ...filter, queue: 'welcomes' }),
  };
}

/** Whether every row has its outcome and every wanted welcome is known to be sent. */
export function isWhole({ summary, totals, letterCount }: Report): boolean {
  return summary.state === 'completed' && summary.waiting === 0 && summary.failed === 0 && totals.uncertain === 0 && letterCount === 0;
}

/** Whom a dead letter would have welcomed. */
export function addressesOf(world: World, { queue, text }: DeadLetter): readonly string[] {
  if (queue !== 'welcomes') return [];
  const decoded = world.get(tokens.welcomeCodec).decode(text);
  return decoded.ours ? decoded.message.recipients.map(({ address }) => address) : [];
}
