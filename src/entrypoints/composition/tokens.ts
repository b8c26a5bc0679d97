import type { Container, ServiceIdentifier } from 'inversify';
import type { FileSystemUploadStore } from '../../adapters/file-system/upload-store.ts';
import type { WelcomeSender } from '../../domain/onboarding/send-welcomes.ts';
import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Codec } from '../../ports/codec.ts';
import type { DeadLetters } from '../../ports/dead-letters.ts';
import type { IdempotencyKeys } from '../../ports/idempotency-keys.ts';
import type { Ids } from '../../ports/ids.ts';
import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { Mailer } from '../../ports/mailer.ts';
import type { MessageComposer } from '../../ports/message-composer.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { MessageSource } from '../../ports/message-source.ts';
import type { Random } from '../../ports/random.ts';
import type { RowReader } from '../../ports/row-reader.ts';
import type { SendSchedule } from '../../ports/send-schedule.ts';
import type { RowWriter } from '../../ports/row-writer.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { TemplateRenderer } from '../../ports/template-renderer.ts';
import type { UploadSpool } from '../../ports/upload-spool.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import type { UploadTickets } from '../../ports/upload-tickets.ts';
import type { UserDirectory } from '../../ports/user-directory.ts';
import type { UserFeed } from '../../ports/user-feed.ts';
import type { RecordBatch, UploadMessage, WelcomeMessage } from '../../ports/vocabulary.ts';
import type { WelcomeLedger } from '../../ports/welcome-ledger.ts';
import type { ProcessCsvStagePorts } from '../stages/process-csv.ts';
import type { Stage } from '../stages/stage.ts';

/** All that is bound, by its token: what others see of a container. */
export type World = Pick<Container, 'get'>;

/** A name under which a container keeps something of type `T`. */
const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`rollcall.${name}`);

/** Every port, and the stages that are made of them. */
export const tokens = {
  clock: token<Clock>('clock'),
  ids: token<Ids>('ids'),
  random: token<Random>('random'),
  telemetry: token<Telemetry>('telemetry'),

  uploads: token<UploadStore>('uploads'),
  /** The upload store of this machine, which takes files where they lie. */
  files: token<FileSystemUploadStore>('files'),
  /** What that store keeps of streams. */
  spool: token<UploadSpool>('spool'),
  /** Where people bring uploads by themselves, with what they wish. */
  tickets: token<UploadTickets>('tickets'),
  rows: token<RowReader>('rows'),
  rowWriter: token<RowWriter>('rowWriter'),
  syntax: token<AddressSyntax>('syntax'),

  uploadCodec: token<Codec<UploadMessage>>('uploadCodec'),
  recordsCodec: token<Codec<RecordBatch>>('recordsCodec'),
  welcomeCodec: token<Codec<WelcomeMessage>>('welcomeCodec'),
  uploadQueue: token<MessageQueue<UploadMessage>>('uploadQueue'),
  uploadSource: token<MessageSource<UploadMessage>>('uploadSource'),
  records: token<MessageQueue<RecordBatch>>('records'),
  /** The records queue for a sender that has encoded its messages. */
  recordTexts: token<MessageQueue<string>>('recordTexts'),
  /** The records queue for whoever is waited for: what it took is durable, and it takes everything. */
  acceptedRecords: token<MessageQueue<RecordBatch>>('acceptedRecords'),
  recordsSource: token<MessageSource<RecordBatch>>('recordsSource'),
  welcomes: token<MessageQueue<WelcomeMessage>>('welcomes'),
  welcomeSource: token<MessageSource<WelcomeMessage>>('welcomeSource'),
  /** Whoever lets go of messages that it was handed by somebody else: by the ARN of their queue. */
  releases: token<(queueArn: string) => Pick<MessageSource<unknown>, 'release'>>('releases'),
  deadLetters: token<DeadLetters>('deadLetters'),
  keys: token<IdempotencyKeys>('keys'),

  users: token<UserDirectory>('users'),
  feed: token<UserFeed>('feed'),
  imports: token<ImportLedger>('imports'),
  welcomeLedger: token<WelcomeLedger>('welcomeLedger'),

  templates: token<TemplateRenderer>('templates'),
  composer: token<MessageComposer>('composer'),
  mailer: token<Mailer>('mailer'),
  schedule: token<SendSchedule>('schedule'),
  sender: token<WelcomeSender>('sender'),

  /** What process-csv is made of, for who gives it a deadline of its own. */
  processCsvPorts: token<ProcessCsvStagePorts>('processCsvPorts'),
  processCsv: token<Stage<UploadMessage>>('processCsv'),
  insertRecords: token<Stage<RecordBatch>>('insertRecords'),
  sendEmail: token<Stage<WelcomeMessage>>('sendEmail'),
};
