import { Container, ContainerModule } from 'inversify';
import type { MessagePort } from 'node:worker_threads';
import { ThreadMessageQueue } from '../../adapters/thread/message-queue.ts';
import { RemotePorts } from '../../adapters/thread/remote.ts';
import type { DeadLetters } from '../../ports/dead-letters.ts';
import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { MessageSource } from '../../ports/message-source.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { UploadMessage } from '../../ports/vocabulary.ts';
import { csvModule } from './csv.ts';
import { processCsvModule } from './stages.ts';
import { systemModule } from './system.ts';
import { tokens } from './tokens.ts';

/** The ports that the reader has from the thread that owns the database, by the names under which it serves them. */
export const served = ['imports', 'deadLetters', 'uploadQueue', 'uploadSource', 'recordTexts'] as const;

/** What the reader is told at its start. */
export interface ReaderData {
  readonly channel: MessagePort;
  readonly spoolFolder: string;
  readonly limits: { readonly rows: number; readonly bytes: number };
  readonly visibilityMs: number;
}

/** The world of the reader: it reads files itself, and whatever is durable lies with the owner of the database. */
export function readerWorld({ channel, spoolFolder, limits, visibilityMs }: ReaderData, telemetry: Telemetry): Container {
  const remote = new RemotePorts(channel);
  const container = new Container();
  container.load(
    systemModule(telemetry),
    csvModule(spoolFolder),
    processCsvModule(limits),
    new ContainerModule(({ bind }) => {
      bind(tokens.imports).toConstantValue(
        remote.port<ImportLedger>('imports', ['find', 'list', 'replace', 'progress', 'noteFailure', 'markDeadLettered', 'clearFailure']),
      );
      bind(tokens.deadLetters).toConstantValue(remote.port<DeadLetters>('deadLetters', ['put']));
      bind(tokens.uploadQueue).toConstantValue(remote.port<MessageQueue<UploadMessage>>('uploadQueue', ['send']));
      bind(tokens.uploadSource).toConstantValue({
        ...remote.port<MessageSource<UploadMessage>>('uploadSource', ['receive', 'acknowledge', 'release', 'extend', 'depth']),
        visibilityMs,
      });
      bind(tokens.recordTexts).toConstantValue(remote.port<MessageQueue<string>>('recordTexts', ['send']));
      bind(tokens.records)
        .toResolvedValue((texts, codec) => new ThreadMessageQueue(texts, codec), [tokens.recordTexts, tokens.recordsCodec])
        .inSingletonScope();
    }),
  );
  return container;
}
