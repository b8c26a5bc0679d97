import { deployment } from '../../src/entrypoints/estimate/counted.ts';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient, type _Record } from '@aws-sdk/client-dynamodb-streams';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDatabase } from '../../src/adapters/dynamodb/database.ts';
import { DynamoImportLedger } from '../../src/adapters/dynamodb/import-ledger.ts';
import { tables } from '../../src/adapters/dynamodb/tables.ts';
import { DynamoUserDirectory } from '../../src/adapters/dynamodb/user-directory.ts';
import { DynamoWelcomeLedger } from '../../src/adapters/dynamodb/welcome-ledger.ts';
import { MemoryRandom } from '../../src/adapters/memory/random.ts';
import { SystemClock } from '../../src/adapters/system/clock.ts';
import { SystemIds } from '../../src/adapters/system/ids.ts';
import type { ImportHead } from '../../src/ports/import-ledger.ts';
import type { QueueName } from '../../src/ports/vocabulary.ts';
import type { DynamoDBLocal } from '../adapters/dynamodb/local.ts';
import { SesDouble } from '../adapters/ses/double.ts';
import { AwsEmulator, credentials as bucketCredentials } from '../emulators/aws.ts';
import { DynamoMeter } from '../emulators/dynamodb-meter.ts';
import { GatewayDouble } from '../emulators/gateway.ts';
import { LambdaDouble } from '../emulators/lambda.ts';
import { QueueMapping } from '../emulators/queue-mapping.ts';
import { S3Notifications } from '../emulators/s3-notifications.ts';
import { StreamMapping } from '../emulators/stream-mapping.ts';
import { counting, Tally } from '../emulators/tally.ts';
import { recorded, resources } from '../infra/plan.ts';
import type { Bundles, FunctionName } from './bundles.ts';

export interface StackOptions {
  readonly bundles: Bundles;
  /** How long a leg of process-csv may take. */
  readonly legSeconds: number;
  /** How long a function may take; a message that was received is invisible for six times as long. */
  readonly timeoutSeconds: number;
  /** How many functions a queue keeps busy at most. */
  readonly concurrency: number;
  /** How long a condition may take to hold. */
  readonly patienceSeconds: number;
}

const queueNames: readonly QueueName[] = ['uploads', 'records', 'welcomes'];
const region = 'eu-central-1';
const bucket = 'rollcall-test-uploads';
const failures = 'rollcall-test-failures';
let stacks = 0;

/** What lets somebody in at the gateway. */
export const token = 'a-token-of-the-tests';

/** Everything that `infra/` deploys, on emulators: the bundled functions, what feeds them, and what they use. Counts every request. */
export class Stack {
  readonly tally: Tally;
  readonly aws: AwsEmulator;
  readonly ses: SesDouble;
  readonly dynamo: DynamoMeter;
  readonly notifications: S3Notifications;
  readonly gateway: GatewayDouble;
  readonly functions: Readonly<Record<FunctionName, LambdaDouble>>;
  readonly queues: Readonly<Record<QueueName | `${QueueName}-dead-letters`, string>>;
  readonly mappings: Readonly<Record<QueueName, QueueMapping>>;
  readonly stream: StreamMapping;
  readonly tableNames: Readonly<Record<'users' | 'imports' | 'welcomes', string>>;
  readonly client: DynamoDBClient;
  readonly imports: DynamoImportLedger;
  readonly users: DynamoUserDirectory;
  readonly welcomes: DynamoWelcomeLedger;
  readonly #patienceSeconds: number;
  readonly #s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #streams: DynamoDBStreamsClient;

  private constructor(parts: Parts) {
    ({
      aws: this.aws,
      ses: this.ses,
      dynamo: this.dynamo,
      notifications: this.notifications,
      gateway: this.gateway,
      functions: this.functions,
      queues: this.queues,
      mappings: this.mappings,
      stream: this.stream,
      tableNames: this.tableNames,
      client: this.client,
      tally: this.tally,
      s3: this.#s3,
      sqs: this.#sqs,
      streams: this.#streams,
      patienceSeconds: this.#patienceSeconds,
    } = parts);
    const clock = new SystemClock();
    const db = new DynamoDatabase(this.client, { clock, random: new MemoryRandom(1) });
    const ids = new SystemIds();
    this.imports = new DynamoImportLedger(db, this.tableNames.imports, ids);
    this.users = new DynamoUserDirectory(db, this.tableNames.users);
    this.welcomes = new DynamoWelcomeLedger(db, this.tableNames, { ids, clock });
  }

  /** Makes all of it; nothing is fed to the functions before `run`. */
  static async start(local: DynamoDBLocal, options: StackOptions): Promise<Stack> {
    const tally = new Tally();
    const [aws, ses, dynamo] = await Promise.all([
      AwsEmulator.start(),
      SesDouble.start(),
      DynamoMeter.start(local.settings.endpoint, tally),
    ]);
    aws.watch(counting(tally));
    for (const name of [bucket, failures]) aws.extras.createVersionedBucket(name);
    ses.quota = { max24HourSend: 1_000_000, maxSendRate: 1_000, sentLast24Hours: 0 };

    const settings = { region, credentials: ses.credentials };
    const sqs = new SQSClient(aws.settings);
    const s3 = new S3Client({ ...aws.settings, forcePathStyle: true });
    // DynamoDB Local keeps a database for each access key.
    const client = local.client(settings);
    const streams = new DynamoDBStreamsClient({ ...settings, endpoint: local.settings.endpoint });
    stacks += 1;
    const tableNames = { users: `stack-${stacks}-users`, imports: `stack-${stacks}-imports`, welcomes: `stack-${stacks}-welcomes` };
    const streamArn = await makeTables(client, tableNames);
    const queues = makeQueues(aws, options);
    const functions = await startFunctions(environmentOf({ aws, ses, dynamo, queues, tableNames }, options), options);

    const feed = (queue: QueueName, function_: LambdaDouble, batchSize: number, windowSeconds: number, concurrency: number) =>
      new QueueMapping({ client: sqs, url: queues[queue], function: function_, batchSize, windowSeconds, concurrency });
    const mappings = {
      uploads: feed('uploads', functions['process-csv'], 1, 0, options.concurrency),
      records: feed('records', functions['insert-records'], 10, 1, options.concurrency),
      welcomes: feed('welcomes', functions['send-email'], 1, 0, senders),
    };
    const stream = new StreamMapping({
      client: streams,
      streamArn,
      function: functions.announce,
      filter: isInsertedToWelcome,
      batchSize: 2_000,
      windowMs: 1_000,
      retries: 2,
      onFailure: async (Key, Body) => {
        await s3.send(new PutObjectCommand({ Bucket: failures, Key, Body }));
      },
    });
    const notifications = await S3Notifications.start(aws, sqs, bucket, queues.uploads);
    const gateway = await GatewayDouble.start({ function: functions.http, routes: routes(), tokens: { [token]: { sub: 'somebody' } } });
    return new Stack({
      tally,
      aws,
      ses,
      dynamo,
      notifications,
      gateway,
      functions,
      queues,
      mappings,
      stream,
      tableNames,
      client,
      s3,
      sqs,
      streams,
      patienceSeconds: options.patienceSeconds,
    });
  }

  /** Forgets what was counted so far. */
  forget(): void {
    this.tally.forget();
    for (const function_ of Object.values(this.functions)) function_.forget();
  }

  /** Begins to feed the functions. */
  run(): this {
    for (const mapping of [...Object.values(this.mappings), this.stream]) mapping.start();
    return this;
  }

  /** Uploads a file as a person does it with the command of AWS. @param wishes user-defined metadata */
  async upload(key: string, text: string, wishes: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, Metadata: { ...wishes } }));
  }

  async send(queue: QueueName, text: string): Promise<void> {
    await this.#sqs.send(new SendMessageCommand({ QueueUrl: this.queues[queue], MessageBody: text }));
  }

  /** What waits on a queue, or was received and not deleted, can be received now. */
  hasten(queue: QueueName): void {
    this.aws.hasten(this.queues[queue]);
  }

  /** The schedule's event (EventBridge User Guide, "Events from scheduled rules"). */
  sweep(): Promise<unknown> {
    return this.functions.sweep.invoke({
      version: '0',
      id: 'ad5e7f0c-0000-4000-8000-000000000000',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: new Date().toISOString(),
      region,
      resources: [`arn:aws:events:${region}:000000000000:rule/rollcall-test-sweep`],
      detail: {},
    });
  }

  /** What the stream's mapping gave up on. */
  failures(): readonly string[] {
    return this.aws.s3.listObjects(failures).objects.map(({ body }) => body.toString());
  }

  /** The imports of files of this name. */
  async importsOf(name: string): Promise<readonly ImportHead[]> {
    return (await this.imports.list(100)).filter(({ upload }) => upload.name === name);
  }

  /** Waits until the import of the file is completed and nothing is on its way any more. */
  async completed(name: string): Promise<ImportHead> {
    await this.until(`${name} is completed`, async () => (await this.importsOf(name))[0]?.state === 'completed');
    await this.quiet();
    const [head] = await this.importsOf(name);
    if (!head) throw new Error(`${name} is no import`);
    return head;
  }

  /** Waits until no message is on a queue, no function runs, and the stream has nothing new. */
  async quiet(): Promise<void> {
    const isQuiet = () =>
      queueNames.every((name) => this.aws.textsOn(this.queues[name]).length === 0) &&
      Object.values(this.functions).every(({ running }) => running === 0);
    await this.until('nothing is on its way', async () => {
      if (!isQuiet()) return false;
      const { emptyLooks } = this.stream;
      await this.until('the stream is read', () => Promise.resolve(this.stream.emptyLooks > emptyLooks + 1));
      return isQuiet();
    });
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + this.#patienceSeconds * 1000;
    while (!(await condition())) {
      const broken = [...Object.values(this.mappings), this.stream].find(({ failure }) => failure !== undefined);
      if (broken) throw broken.failure;
      if (Date.now() > deadline) throw new Error(`It did not come to this: ${what}.\n${this.#told()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    const stopped = await Promise.allSettled([...Object.values(this.mappings), this.stream].map((mapping) => mapping.stop()));
    await Promise.all(Object.values(this.functions).map((function_) => function_.close()));
    await Promise.all([this.gateway.close(), this.aws.close(), this.ses.close(), this.dynamo.close()]);
    for (const client of [this.#s3, this.#sqs, this.#streams, this.client]) client.destroy();
    const broken = stopped.find((end) => end.status === 'rejected');
    if (broken) throw broken.reason;
  }

  #told(): string {
    const logs = Object.values(this.functions).map(
      ({ name, invocations, log }) =>
        `${name}, ${invocations} invocations:\n${log
          .filter((line) => line.includes('"level"'))
          .slice(-5)
          .map((line) => line.slice(0, 600))
          .join('\n')}`,
    );
    const depths = Object.entries(this.queues).map(([name, url]) => `${name}: ${this.aws.textsOn(url).length}`);
    return [...logs, ...depths].join('\n');
  }
}

interface Parts extends Pick<
  Stack,
  | 'tally'
  | 'aws'
  | 'ses'
  | 'dynamo'
  | 'notifications'
  | 'gateway'
  | 'functions'
  | 'queues'
  | 'mappings'
  | 'stream'
  | 'tableNames'
  | 'client'
> {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly streams: DynamoDBStreamsClient;
  readonly patienceSeconds: number;
}

/** The maximum concurrency of send-email's mapping, as in `infra/variables.tf`. */
const senders = 2;

/** @returns the ARN of the users' stream */
async function makeTables(client: DynamoDBClient, names: Stack['tableNames']): Promise<string> {
  const made = await Promise.all(
    (['users', 'imports', 'welcomes'] as const).map((table) =>
      client.send(new CreateTableCommand({ ...tables[table], TableName: names[table] })),
    ),
  );
  return made[0]?.TableDescription?.LatestStreamArn ?? '';
}

function makeQueues(aws: AwsEmulator, { timeoutSeconds }: StackOptions): Stack['queues'] {
  const entries = queueNames.flatMap((name) => {
    const letters = `${name}-dead-letters` as const;
    const attributes = {
      VisibilityTimeout: String(6 * timeoutSeconds),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:${region}:000000000000:${letters}`, maxReceiveCount: 100 }),
    };
    return [[letters, aws.createQueue(letters)] as const, [name, aws.createQueue(name, attributes)] as const];
  });
  return Object.fromEntries(entries) as Stack['queues'];
}

/** The variables of each function, as `infra/functions.tf` has them. */
function environmentOf(
  { aws, ses, dynamo, queues, tableNames }: Pick<Stack, 'aws' | 'ses' | 'dynamo' | 'queues' | 'tableNames'>,
  { legSeconds }: StackOptions,
): Readonly<Record<FunctionName, Readonly<Record<string, string>>>> {
  const { endpoint } = aws.settings;
  const all = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: ses.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ses.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_SES: ses.url,
    ROLLCALL_LOG: 'info',
  };
  const uploads = { ROLLCALL_UPLOADS_QUEUE_URL: queues.uploads, ROLLCALL_UPLOADS_DEAD_LETTERS_URL: queues['uploads-dead-letters'] };
  const recordsQueue = { ROLLCALL_RECORDS_QUEUE_URL: queues.records };
  const welcomesQueue = { ROLLCALL_WELCOMES_QUEUE_URL: queues.welcomes };
  const users = { ROLLCALL_USERS_TABLE: tableNames.users };
  const imports = { ROLLCALL_IMPORTS_TABLE: tableNames.imports };
  const welcomes = { ROLLCALL_WELCOMES_TABLE: tableNames.welcomes };
  const mail = {
    ROLLCALL_WELCOMES_DEAD_LETTERS_URL: queues['welcomes-dead-letters'],
    ROLLCALL_FROM: 'Example <welcome@example.com>',
    ROLLCALL_SES_CONFIGURATION_SET: 'rollcall-test',
  };
  const leg = { ROLLCALL_UPLOADS_BUCKET: bucket, ROLLCALL_LEG_SECONDS: String(legSeconds) };
  return {
    'process-csv': { ...all, ...uploads, ...recordsQueue, ...imports, ...leg },
    'insert-records': { ...all, ROLLCALL_RECORDS_DEAD_LETTERS_URL: queues['records-dead-letters'], ...users, ...imports },
    announce: { ...all, ...welcomesQueue },
    'send-email': { ...all, ...welcomesQueue, ...mail, ...imports, ...welcomes },
    sweep: { ...all, ...welcomesQueue, ...users, ...imports, ...welcomes },
    'generate-users': { ...all, ...recordsQueue, ...imports },
    http: {
      ...{ ...all, ...uploads, ...recordsQueue, ...welcomesQueue, ...users, ...imports, ...welcomes },
      // S3 checks what was signed.
      AWS_SECRET_ACCESS_KEY: bucketCredentials.secretAccessKey,
      ROLLCALL_UPLOADS_BUCKET: bucket,
      ROLLCALL_RECORDS_DEAD_LETTERS_URL: queues['records-dead-letters'],
      ROLLCALL_WELCOMES_DEAD_LETTERS_URL: queues['welcomes-dead-letters'],
    },
  };
}

/** As in `infra/functions.tf`; what is not reckoned with has 512 MB. */
const deployedGb: Partial<Record<FunctionName, number>> = deployment.memoryGb;

async function startFunctions(
  environments: Readonly<Record<FunctionName, Readonly<Record<string, string>>>>,
  { bundles, timeoutSeconds }: StackOptions,
): Promise<Readonly<Record<FunctionName, LambdaDouble>>> {
  const entries = (Object.keys(environments) as FunctionName[]).map(async (name) => {
    const settings = {
      name: `rollcall-test-${name}`,
      file: bundles.fileOf(name),
      timeoutMs: timeoutSeconds * 1000,
      memoryMb: Math.round((deployedGb[name] ?? 0.5) * 1_024),
    };
    return [name, await LambdaDouble.start({ ...settings, environment: environments[name] })] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<FunctionName, LambdaDouble>;
}

/** The routes of `infra/http.tf`. */
function routes(): readonly { readonly key: string; readonly isGuarded: boolean }[] {
  return resources(recorded.everything, 'aws_apigatewayv2_route').map(({ values }) => ({
    key: String(values['route_key']),
    isGuarded: values['authorization_type'] === 'JWT',
  }));
}

/** The filter of the stream's mapping in `infra/mappings.tf`. */
function isInsertedToWelcome({ eventName, dynamodb }: _Record): boolean {
  return eventName === 'INSERT' && dynamodb?.NewImage?.['welcome']?.BOOL === true;
}
