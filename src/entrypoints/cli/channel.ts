import { tokens, type World } from '../composition/tokens.ts';
import type { MailParts } from '../composition/mail.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import { counted } from './words.ts';

/**
 * Welcomes of one database go out in one way, so that a first try into a folder does not use up the real ones. The worker would
 * wait for ever; a person hears of it before anything is begun.
 * @throws CommandFailed
 */
export async function refuseOtherChannel(world: World, mail: MailParts | undefined): Promise<void> {
  const ledger = world.get(tokens.welcomeLedger);
  const kept = await ledger.channel();
  if (mail === undefined || kept === undefined || kept === mail.mailer.kind) return;
  const { sent } = await ledger.totals();
  throw new CommandFailed(
    `The welcomes of this database go out by ${named(kept)} (${counted(sent, 'user was', 'users were')} welcomed so), and --mail says ${named(mail.mailer.kind)}.`,
    {
      hint: `Nobody is welcomed twice, so go on with --mail ${example(kept)}, or begin anew with another database: --db NEW.db`,
      exitCode: exitCodes.usage,
    },
  );
}

/** A kind of mailer as people call it. */
function named(kind: string): string {
  return kind === 'smtp' ? 'SMTP' : kind;
}

function example(kind: string): string {
  return kind === 'maildir' ? 'maildir:DIR' : kind === 'smtp' ? 'smtp://HOST:PORT' : kind;
}
