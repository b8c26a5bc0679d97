import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { MessageSource } from '../../ports/message-source.ts';
import type { UserDirectory } from '../../ports/user-directory.ts';
import type { UserFeed } from '../../ports/user-feed.ts';
import type { AddressKey, Instant, User, WelcomeMessage } from '../../ports/vocabulary.ts';
import type { WelcomeLedger, WelcomeRecord } from '../../ports/welcome-ledger.ts';
import { allImports } from '../all-imports.ts';
import { completeIfDone } from '../user-import/complete.ts';
import { announce, type AnnouncePorts } from './announce.ts';
import { userIdOf } from './user-id.ts';

export interface SweepPorts extends AnnouncePorts {
  readonly users: UserDirectory;
  readonly feed: UserFeed;
  readonly imports: ImportLedger;
  readonly ledger: WelcomeLedger;
  readonly welcomeSource: MessageSource<WelcomeMessage>;
}

/**
 * Announces again whom the flow has lost: a lost stream record, a lost acknowledgement, a message that expired in a long pause.
 * Somebody is lost if a welcome is due while nothing is on its way any more, so it looks only then. And completes imports that have all their
 * results, whose last step nobody took: its message was given up by one delivery while another failed.
 * @returns how many were announced again
 */
export async function sweep(ports: SweepPorts): Promise<number> {
  if (!(await isQuiet(ports)) || !(await isAnyoneDue(ports))) return 0;
  let announced = 0;
  let after: AddressKey | undefined;
  for (;;) {
    const users: readonly User[] = await ports.users.list(page, after);
    const wanted = users.filter((user) => user.welcome);
    const records = await ports.ledger.find(wanted.map((user) => userIdOf(ports.ids, user.key)));
    const now = ports.clock.now();
    announced += await announce(
      ports,
      wanted.filter((_, index) => isDue(records[index], now)),
    );
    after = users.at(-1)?.key;
    if (after === undefined) return announced;
  }
}

/** Whether a welcome is due by its record: there is none, its wait is over, or whoever claimed it has vanished. */
export function isDue(record: WelcomeRecord | undefined, now: Instant): boolean {
  if (!record) return true;
  if (record.state === 'waiting') return (record.retryAt ?? 0) <= now;
  return record.state === 'claimed' && (record.leaseUntil ?? 0) <= now;
}

const page = 1_000;

async function isQuiet({ feed, welcomeSource }: SweepPorts): Promise<boolean> {
  const { ready, inFlight, delayed } = await welcomeSource.depth();
  return ready + inFlight + delayed === 0 && (await feed.depth()) === 0;
}

async function isAnyoneDue(ports: SweepPorts): Promise<boolean> {
  const { imports, ledger } = ports;
  let inserted = 0;
  for await (const head of allImports(imports, page)) {
    const progress = await imports.progress(head.id);
    if (head.state === 'read' && progress.deadLetters === 0) await completeIfDone(ports, head.id);
    if (head.welcome) inserted += progress.inserted;
  }
  const { sent, uncertain, refused, failed } = await ledger.totals();
  return inserted > sent + uncertain + refused + failed;
}
