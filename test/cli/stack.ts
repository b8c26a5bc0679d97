import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDatabase } from '../../src/adapters/dynamodb/database.ts';
import { DynamoImportLedger } from '../../src/adapters/dynamodb/import-ledger.ts';
import { tables } from '../../src/adapters/dynamodb/tables.ts';
import { MemoryRandom } from '../../src/adapters/memory/random.ts';
import { SystemClock } from '../../src/adapters/system/clock.ts';
import { SystemIds } from '../../src/adapters/system/ids.ts';
import type { DynamoDBLocal } from '../adapters/dynamodb/local.ts';
import { SesDouble } from '../adapters/ses/double.ts';
import { AwsEmulator } from '../emulators/aws.ts';
import { Scratch, type Ended } from './command.ts';

const queueNames = ['uploads', 'records', 'welcomes'] as const;

/** A stack on the emulators, as Terraform would have made it, and a folder in which the command is run on it. */
export class Stack {
  readonly scratch: Scratch;
  readonly aws: AwsEmulator;
  readonly ses: SesDouble;
  /** The ledger of its imports. */
  readonly imports: DynamoImportLedger;
  readonly #client: DynamoDBClient;
  /** What Terraform would say of the stack. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the SDK needs to find the emulators. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(parts: Pick<Stack, 'scratch' | 'aws' | 'ses' | 'variables' | 'env'> & { readonly client: DynamoDBClient }) {
    this.scratch = parts.scratch;
    this.aws = parts.aws;
    this.ses = parts.ses;
    this.variables = parts.variables;
    this.env = parts.env;
    this.#client = parts.client;
    const db = new DynamoDatabase(this.#client, { clock: new SystemClock(), random: new MemoryRandom(1) });
    this.imports = new DynamoImportLedger(db, parts.variables['ROLLCALL_IMPORTS_TABLE'] as string, new SystemIds());
  }

  static async on(local: DynamoDBLocal): Promise<Stack> {
    const [aws, ses] = [await AwsEmulator.start(), await SesDouble.start()];
    ses.quota = { max24HourSend: 50_000, maxSendRate: 500, sentLast24Hours: 0 };
    const region = 'eu-central-1';
    // The emulator keeps tables apart by the key of whoever made them.
    const client = new DynamoDBClient({ ...local.settings, region, credentials: ses.credentials });
    for (const table of ['users', 'imports', 'welcomes'] as const) {
      await client.send(new CreateTableCommand({ ...tables[table], TableName: `rollcall-test-${table}` }));
    }
    aws.s3.createBucket('rollcall-test-uploads');
    const urls = queueNames.flatMap((queue) => [
      [`ROLLCALL_${queue.toUpperCase()}_QUEUE_URL`, aws.createQueue(`rollcall-test-${queue}`)],
      [`ROLLCALL_${queue.toUpperCase()}_DEAD_LETTERS_URL`, aws.createQueue(`rollcall-test-${queue}-dead-letters`)],
    ]);
    const variables = {
      ...(Object.fromEntries(urls) as Record<string, string>),
      ROLLCALL_UPLOADS_BUCKET: 'rollcall-test-uploads',
      ROLLCALL_USERS_TABLE: 'rollcall-test-users',
      ROLLCALL_IMPORTS_TABLE: 'rollcall-test-imports',
      ROLLCALL_WELCOMES_TABLE: 'rollcall-test-welcomes',
      ROLLCALL_FROM: 'Example <welcome@example.com>',
      ROLLCALL_SES_CONFIGURATION_SET: 'rollcall-test',
      ROLLCALL_LEG_SECONDS: '90',
      ROLLCALL_LOG: 'info',
    };
    const env = {
      AWS_ENDPOINT_URL_S3: aws.settings.endpoint,
      AWS_ENDPOINT_URL_SQS: aws.settings.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: local.settings.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: local.settings.endpoint,
      AWS_ENDPOINT_URL_SES: ses.url,
      AWS_ACCESS_KEY_ID: ses.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ses.credentials.secretAccessKey,
    };
    const scratch = new Scratch();
    scratch.write(
      'stack.json',
      JSON.stringify({ rollcall_environment: { sensitive: false, value: variables }, region: { sensitive: false, value: region } }),
    );
    return new Stack({ scratch, aws, ses, variables, env, client });
  }

  /** Runs the command on the stack. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.scratch.run([...args, '--world', 'aws', '--stack', 'stack.json'], { env: this.env });
  }

  /** What the command printed with --json. */
  async json(...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const { stdout } = await this.run(...args);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Runs a worker on the stack until what is returned is called; that answers how it ended. */
  work(): () => Promise<Ended> {
    let isOver = false;
    const ended = this.scratch.run(['work', '--world', 'aws', '--stack', 'stack.json'], {
      env: { ...this.env, ROLLCALL_LOG: 'warn' },
      signals: [{ signal: 'SIGTERM', when: () => isOver }],
    });
    return () => {
      isOver = true;
      return ended;
    };
  }

  async close(): Promise<void> {
    await this.aws.close();
    await this.ses.close();
    this.#client.destroy();
    this.scratch.remove();
  }
}
