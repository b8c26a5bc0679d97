import { SESClient } from '@aws-sdk/client-ses';
import type { ContainerModule } from 'inversify';
import { HandlebarsTemplateRenderer } from '../../../adapters/handlebars/template-renderer.ts';
import { SesMailer } from '../../../adapters/ses/mailer.ts';
import { SystemClock } from '../../../adapters/system/clock.ts';
import { SystemRandom } from '../../../adapters/system/random.ts';
import type { Mailbox } from '../../../ports/message-composer.ts';
import { ConfigInvalid, variableOf, type AwsConfig } from '../../config.ts';
import { readSender } from '../../sender.ts';
import { mailModule } from '../mail.ts';
import { patience } from './patience.ts';

/**
 * After a pause a welcome is looked at again this late, in milliseconds: the longest that a message of SQS can wait at first. A quota that is used up
 * stays so for hours, and each look costs a few requests a message.
 */
const pauseMs = 15 * 60_000;

/** Sends under way at once, at most as many as the client has sockets. */
const concurrency = 50;

/** How long a send may take, waits for the account's rate included. In milliseconds. */
const timeoutMs = 30_000;

/** Welcomes by SES: the client, its connections with it, belongs to the mailer alone. @throws ConfigInvalid */
export function sesModule({ from, configurationSet }: Pick<AwsConfig, 'from' | 'configurationSet'>): ContainerModule {
  const client = new SESClient({
    requestHandler: {
      connectionTimeout: patience.requestHandler.connectionTimeout,
      httpsAgent: { keepAlive: true, maxSockets: concurrency },
    },
    maxAttempts: patience.maxAttempts,
  });
  const mailer = new SesMailer({
    client,
    clock: new SystemClock(),
    random: new SystemRandom(),
    configurationSet,
    concurrency,
    timeoutMs,
  });
  return mailModule({ mailer, templates: HandlebarsTemplateRenderer.standard(), from: mailbox(from) }, { pauseMs });
}

function mailbox(from: string): Mailbox {
  const read = readSender(from);
  if ('sender' in read) return read.sender;
  throw new ConfigInvalid(
    `Mail cannot come from the address that the environment variable ${variableOf('from')} names, ${JSON.stringify(from)}: ${read.why}.`,
  );
}
