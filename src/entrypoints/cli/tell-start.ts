import type { StartedImport } from '../../domain/user-import/start-import.ts';
import type { FollowedImport } from './follow.ts';
import type { Output } from './output.ts';
import { counted, shown, when } from './words.ts';

/** Tells a person of an import that is none of this moment: it was begun before, or is done. @param sends whether welcomes are sent */
export function tellStart(
  output: Output,
  file: string,
  how: StartedImport['how'],
  { head, summary }: FollowedImport,
  sends: boolean,
): void {
  const name = shown(file);
  if (how === 'resumed') {
    output.note(
      `${name}: this import was interrupted; it goes on after ${counted(summary.rows, 'row')} that ${summary.rows === 1 ? 'is' : 'are'} done.`,
    );
  } else if (how === 'ended' && summary.state === 'cancelled') {
    output.note(`${name}: this import was begun (${when(head.createdAt)}) and cancelled, so nothing is done; --again makes a new one.`);
  } else if (how === 'ended' && summary.waiting > 0 && sends) {
    output.note(`${name} was imported already (${when(head.createdAt)}); ${counted(summary.waiting, 'welcome is', 'welcomes are')} left.`);
  } else if (how === 'ended') {
    output.note(
      `${name} was already imported (${when(head.createdAt)}), so nothing is done. This is that import; --again makes a new one.`,
    );
    if (!head.welcome && sends && summary.inserted > 0) output.note('Its users get no welcome: it was imported with --mail none.');
  }
}
