import { ContainerModule } from 'inversify';
import { MimeMessageComposer } from '../../adapters/mime/message-composer.ts';
import { WelcomeSender } from '../../domain/onboarding/send-welcomes.ts';
import type { Mailer } from '../../ports/mailer.ts';
import type { Mailbox } from '../../ports/message-composer.ts';
import type { TemplateRenderer } from '../../ports/template-renderer.ts';
import { sendEmailStage } from '../stages/send-email.ts';
import { tokens } from './tokens.ts';

export interface MailParts {
  readonly mailer: Mailer;
  readonly templates: TemplateRenderer;
  readonly from: Mailbox;
}

/** After a pause a welcome is looked at again this soon: one person waits before a terminal. In milliseconds. */
const localPause = { pauseMs: 5_000 };

/** The stage that sends, with its mailer and its template. */
export function mailModule({ mailer, templates, from }: MailParts, { pauseMs } = localPause): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.mailer).toConstantValue(mailer);
    bind(tokens.templates).toConstantValue(templates);
    bind(tokens.composer).toConstantValue(new MimeMessageComposer());
    bind(tokens.sender)
      .toResolvedValue(
        (templates, composer, welcomes, ledger, mailer, schedule, deadLetters, codec, clock, ids, random) =>
          new WelcomeSender(
            { templates, composer, welcomes, ledger, mailer, schedule, deadLetters, codec, clock, ids, random },
            { from, pauseMs },
          ),
        [
          tokens.templates,
          tokens.composer,
          tokens.welcomes,
          tokens.welcomeLedger,
          tokens.mailer,
          tokens.schedule,
          tokens.deadLetters,
          tokens.welcomeCodec,
          tokens.clock,
          tokens.ids,
          tokens.random,
        ],
      )
      .inSingletonScope();
    bind(tokens.sendEmail)
      .toResolvedValue(
        (sender, deadLetters, clock, ids, random) => sendEmailStage({ sender, deadLetters, clock, ids, random }),
        [tokens.sender, tokens.deadLetters, tokens.clock, tokens.ids, tokens.random],
      )
      .inSingletonScope();
  });
}
