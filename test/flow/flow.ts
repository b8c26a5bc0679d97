import type { MemoryClock } from '../../src/adapters/memory/clock.ts';
import type { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import { WelcomeSender } from '../../src/domain/onboarding/send-welcomes.ts';
import { sweep } from '../../src/domain/onboarding/sweep.ts';
import { summarise, type ImportSummary } from '../../src/domain/user-import/progress.ts';
import { startImport, type StartedImport } from '../../src/domain/user-import/start-import.ts';
import { announceNext } from '../../src/entrypoints/stages/announce.ts';
import { insertRecordsStage } from '../../src/entrypoints/stages/insert-records.ts';
import { processCsvStage } from '../../src/entrypoints/stages/process-csv.ts';
import { sendEmailStage } from '../../src/entrypoints/stages/send-email.ts';
import type { Stage } from '../../src/entrypoints/stages/stage.ts';
import type { AddressSyntax } from '../../src/ports/address-syntax.ts';
import type { Codec } from '../../src/ports/codec.ts';
import type { DeadLetters } from '../../src/ports/dead-letters.ts';
import type { Ids } from '../../src/ports/ids.ts';
import type { ImportLedger } from '../../src/ports/import-ledger.ts';
import type { MessageQueue } from '../../src/ports/message-queue.ts';
import type { MessageSource } from '../../src/ports/message-source.ts';
import type { Random } from '../../src/ports/random.ts';
import type { RowReader } from '../../src/ports/row-reader.ts';
import type { SendSchedule } from '../../src/ports/send-schedule.ts';
import type { UploadStore } from '../../src/ports/upload-store.ts';
import type { UserDirectory } from '../../src/ports/user-directory.ts';
import type { UserFeed } from '../../src/ports/user-feed.ts';
import type { ReadingOptions, RecordBatch, UploadMessage, User, WelcomeMessage } from '../../src/ports/vocabulary.ts';
import type { WelcomeLedger } from '../../src/ports/welcome-ledger.ts';
import { present } from '../contracts/world.ts';
import { noOptions } from '../domain/plain.ts';

/** All ports of one process: real CSV, real addresses, real messages; time and mail of the test's own. */
export interface FlowPorts {
  readonly clock: MemoryClock;
  readonly mailer: MemoryMailer;
  readonly ids: Ids;
  readonly random: Random;
  readonly uploads: UploadStore;
  readonly rows: RowReader;
  readonly syntax: AddressSyntax;
  readonly uploadCodec: Codec<UploadMessage>;
  readonly recordsCodec: Codec<RecordBatch>;
  readonly codec: Codec<WelcomeMessage>;
  readonly uploadQueue: MessageQueue<UploadMessage>;
  readonly uploadSource: MessageSource<UploadMessage>;
  readonly records: MessageQueue<RecordBatch>;
  readonly recordsSource: MessageSource<RecordBatch>;
  readonly welcomes: MessageQueue<WelcomeMessage>;
  readonly welcomeSource: MessageSource<WelcomeMessage>;
  readonly deadLetters: DeadLetters;
  readonly users: UserDirectory;
  readonly feed: UserFeed;
  readonly imports: ImportLedger;
  readonly ledger: WelcomeLedger;
  readonly schedule: SendSchedule;
}

/** What happens to deliveries. */
export interface Mishaps {
  /** Everything is delivered twice before it is acknowledged. */
  readonly twice?: boolean;
  /** Whether the process dies before it acknowledges what it did; asked for each call of a stage, counted from 1. */
  readonly forgets?: (call: number) => boolean;
  /** Without mail, welcomes lie still. */
  readonly mail?: boolean;
}

const nobody = new AbortController().signal;

/** One process that does everything in turn, message by message. */
export class Flow {
  readonly #ports: FlowPorts;
  readonly #processCsv: Stage<UploadMessage>;
  readonly #insertRecords: Stage<RecordBatch>;
  readonly #sendEmail: Stage<WelcomeMessage>;
  #calls = 0;
  #announced = 0;

  /** @param batchRows how many rows a batch has */
  constructor(ports: FlowPorts, batchRows = 10) {
    this.#ports = ports;
    this.#processCsv = processCsvStage(ports, { limits: { rows: batchRows, bytes: 100_000 } });
    this.#insertRecords = insertRecordsStage(ports);
    const templates = { render: ({ name }: { readonly name: string }) => ({ subject: 'Welcome', html: name, text: name }) };
    const composer = { compose: ({ text }: { readonly text: string }) => Promise.resolve(Buffer.from(text)) };
    const sender = new WelcomeSender({ ...ports, templates, composer }, { from: { address: 'team@example.com' }, pauseMs: 5_000 });
    this.#sendEmail = sendEmailStage({ ...ports, sender });
  }

  /** Begins the import of a CSV text. */
  async begin(
    csv: string,
    { options = {}, welcome = true, again = false }: { options?: Partial<ReadingOptions>; welcome?: boolean; again?: boolean } = {},
  ): Promise<StartedImport> {
    const upload = await this.#ports.uploads.take('people.csv', bytesOf(csv));
    return startImport(this.#ports, { upload, options: { ...noOptions, ...options }, welcome, again });
  }

  /** Begins the import, and runs until nothing is on its way. */
  async import(csv: string, how: Parameters<Flow['begin']>[1] = {}, mishaps: Mishaps = {}): Promise<ImportSummary> {
    const { head } = await this.begin(csv, how);
    await this.run(mishaps);
    return this.summary(head.id);
  }

  /** Runs until nothing is on its way; time passes where all wait. */
  async run(mishaps: Mishaps = {}): Promise<void> {
    const { uploadSource, recordsSource, welcomeSource, clock, feed } = this.#ports;
    const sources = [uploadSource, recordsSource, ...(mishaps.mail === false ? [] : [welcomeSource])];
    for (let pass = 1; pass < 10_000; pass++) {
      if (await this.#pass(mishaps)) continue;
      const depths = await Promise.all(sources.map((source) => source.depth()));
      const left = depths.reduce((sum, { ready, inFlight, delayed }) => sum + ready + inFlight + delayed, await feed.depth());
      if (left === 0) return;
      await clock.advance(1_000);
    }
    throw new Error('There is no end to it.');
  }

  async summary(id: string): Promise<ImportSummary> {
    const { imports, ledger, clock } = this.#ports;
    return summarise(present(await imports.find(id)), await imports.progress(id), await ledger.totals(id), clock.now());
  }

  /** Looks for lost welcomes, and has them sent. */
  async sweep(): Promise<number> {
    const { users, feed, imports, ledger, welcomes, welcomeSource, ids, clock } = this.#ports;
    const announced = await sweep({ users, feed, imports, ledger, welcomes, welcomeSource, ids, clock });
    await this.run();
    return announced;
  }

  users(): Promise<readonly User[]> {
    return this.#ports.users.list(10_000);
  }

  /** Who got mail, and how often: by address, in its order. */
  mails(): readonly (readonly [address: string, times: number])[] {
    return [...this.#ports.mailer.taken.values()]
      .map(({ envelope, times }) => [envelope.to, times] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Everything that is ready now, once. Answers whether there was anything. */
  async #pass(mishaps: Mishaps): Promise<boolean> {
    const { uploadSource, recordsSource, welcomeSource } = this.#ports;
    const read = await this.#step(uploadSource, this.#processCsv, 2, mishaps);
    const stored = await this.#step(recordsSource, this.#insertRecords, 3, mishaps);
    const announced = await this.#announce(mishaps);
    const sent = mishaps.mail !== false && (await this.#step(welcomeSource, this.#sendEmail, 2, mishaps));
    return read || stored || announced || sent;
  }

  async #step<T>(source: MessageSource<T>, stage: Stage<T>, most: number, mishaps: Mishaps): Promise<boolean> {
    const deliveries = await source.receive(most, 0);
    if (deliveries.length === 0) return false;
    if (mishaps.twice) await stage.handle(deliveries, nobody);
    const verdicts = await stage.handle(deliveries, nobody);
    if (this.#forgets(mishaps)) return true;
    for (const [index, verdict] of verdicts.entries()) {
      const receipts = deliveries.slice(index, index + 1).map(({ receipt }) => receipt);
      if (verdict.verdict === 'acknowledge') await source.acknowledge(receipts);
      else await source.release(receipts, verdict.delayMs);
    }
    return true;
  }

  /** Whoever dies before the feed is let go of announces the same users again. */
  async #announce(mishaps: Mishaps): Promise<boolean> {
    const { feed } = this.#ports;
    if ((await feed.depth()) === 0) return false;
    const looking: UserFeed = {
      receive: (limit) => feed.receive(limit, 0),
      advance: async (batch) => {
        const forgets = mishaps.twice ? ++this.#announced % 2 === 1 : this.#forgets(mishaps);
        if (!forgets) await feed.advance(batch);
      },
      depth: () => feed.depth(),
    };
    return (await announceNext({ ...this.#ports, feed: looking }, nobody)) > 0;
  }

  #forgets({ forgets }: Mishaps): boolean {
    this.#calls++;
    return forgets?.(this.#calls) === true;
  }
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
