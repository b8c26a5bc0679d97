import type { BatchLimits } from '../../domain/user-import/plan-reading.ts';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Codec } from '../../ports/codec.ts';
import type { DeadLetters } from '../../ports/dead-letters.ts';
import type { IdempotencyKeys } from '../../ports/idempotency-keys.ts';
import type { Ids } from '../../ports/ids.ts';
import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { MessageReader } from '../../ports/message-reader.ts';
import type { RowReader } from '../../ports/row-reader.ts';
import type { RowWriter } from '../../ports/row-writer.ts';
import type { SentMail } from '../../ports/sent-mail.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import type { UploadTickets } from '../../ports/upload-tickets.ts';
import type { UserDirectory } from '../../ports/user-directory.ts';
import type { RecordBatch, UploadMessage, WelcomeMessage } from '../../ports/vocabulary.ts';
import type { WelcomeLedger } from '../../ports/welcome-ledger.ts';

/** The ports that the HTTP API stands on. */
export interface HttpWorld {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly telemetry: Telemetry;
  readonly imports: ImportLedger;
  readonly uploads: UploadStore;
  readonly uploadQueue: MessageQueue<UploadMessage>;
  /** Durable when it answers, and never full: whoever sends here waits for an answer. */
  readonly records: MessageQueue<RecordBatch>;
  readonly rows: RowReader;
  readonly rowWriter: RowWriter;
  readonly syntax: AddressSyntax;
  readonly users: UserDirectory;
  readonly ledger: WelcomeLedger;
  readonly deadLetters: DeadLetters;
  readonly welcomeCodec: Codec<WelcomeMessage>;
  readonly keys: IdempotencyKeys;
  /** Both absent where welcomes are not kept as they were sent. */
  readonly messages?: MessageReader;
  readonly sentMail?: SentMail;
  /** Where people bring files to the store by themselves; absent where every file comes through here. */
  readonly tickets?: UploadTickets;
}

export interface HttpOptions {
  readonly version: string;
  /** Whether the users that imports insert from now on are welcomed. */
  readonly welcome: boolean;
  readonly batches: BatchLimits;
  readonly limits: HttpLimits;
  /** Who may use it; absent where everyone who can reach it may. */
  readonly access?: AccessTokens;
  /**
   * Where somebody before the app checks tokens: whom that one has let in, by `env`, which the server hands in; nothing where nobody was, and then
   * only what is open to everyone is answered.
   */
  readonly letIn?: (env: unknown) => string | undefined;
  /** The names by which it is called, without ports; absent where any name will do. A foreign name is another site's (DNS rebinding). */
  readonly hosts?: readonly string[];
  /** Names the sender of a request, for the limit on requests; `env` is what the server hands in. */
  readonly clientOf: (env: unknown) => string;
  /** What does not work just now, in sentences. */
  readonly troubles: () => Promise<readonly string[]>;
  /** The metrics of this process; absent where another service gathers them. */
  readonly metrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** The directory has no order by which addresses with one beginning could be found: then users are searched by whole addresses. */
  readonly wholeAddressesOnly?: true;
  /** Signs addresses that are good for a few minutes. Fresh at every start. */
  readonly secret: string;
  /** Further files, by path: the console, whose page is `/`. */
  readonly assets?: ReadonlyMap<string, Asset>;
  /** Aborts when the server is to end: then streams of events end. */
  readonly stop: AbortSignal;
}

/** A file that everyone may have: it holds nobody's data. */
export interface Asset {
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same, compressed. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** Names its content, compressed or not: a weak one, quotes and all (RFC 9110, 8.8.3). */
  readonly etag: string;
  /** Its path names its content, so that it never changes. */
  readonly immutable: boolean;
}

/** How much is taken. */
export interface HttpLimits {
  /** A file, in bytes. */
  readonly uploadBytes: number;
  /** A body of JSON, in bytes. */
  readonly jsonBytes: number;
  /** Users in one body of JSON, and attributes that they have together. */
  readonly users: number;
  readonly attributes: number;
  /** How much of a file a preview looks at, in bytes; and how many rows. */
  readonly previewBytes: number;
  readonly previewRows: number;
  /** Requests of one sender a second, over a longer time, and at once. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Streams of events at once; 0 where no answer can be streamed, and then there is no such route. */
  readonly watchers: number;
}

export const defaultLimits: HttpLimits = {
  uploadBytes: 1024 ** 3,
  jsonBytes: 5 * 1024 ** 2,
  users: 10_000,
  attributes: 64,
  previewBytes: 1024 ** 2,
  previewRows: 1_000,
  requestsPerSecond: 400,
  burst: 800,
  watchers: 500,
};
