import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { join } from 'node:path';
import { tables } from '../../../src/adapters/dynamodb/tables.ts';
import type { ArticlesRequests } from '../../../src/entrypoints/estimate/articles.ts';
import type { DynamoDBLocal } from '../../adapters/dynamodb/local.ts';
import { SesDouble } from '../../adapters/ses/double.ts';
import { AwsEmulator } from '../../emulators/aws.ts';
import { DynamoMeter } from '../../emulators/dynamodb-meter.ts';
import { LambdaDouble } from '../../emulators/lambda.ts';
import { QueueMapping } from '../../emulators/queue-mapping.ts';
import { StreamMapping } from '../../emulators/stream-mapping.ts';
import { counting, Tally } from '../../emulators/tally.ts';

const region = 'eu-central-1';
const users = 'articles-users';

/**
 * The articles' design on the same emulators: what it asked for until everybody of the file was mailed. Each function is fed when the one
 * before it has done all, so that no batch is less than full but the last: as its formula supposes, and in its favour.
 */
export async function runArticles(
  local: DynamoDBLocal,
  file: string,
  count: number,
): Promise<ArticlesRequests & { readonly workedMs: number }> {
  const tally = new Tally();
  const [aws, ses, dynamo] = await Promise.all([AwsEmulator.start(), SesDouble.start(), DynamoMeter.start(local.settings.endpoint, tally)]);
  aws.watch(counting(tally));
  aws.s3.createBucket('articles');
  const queue = aws.createQueue('rows', { VisibilityTimeout: '600' });
  const settings = { region, credentials: ses.credentials };
  const client = local.client(settings);
  const table = await client.send(new CreateTableCommand({ ...tables.users, TableName: users }));

  const environment = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: ses.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ses.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_SQS: aws.settings.endpoint,
    AWS_ENDPOINT_URL_S3: aws.settings.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_SES: ses.url,
    ROWS_QUEUE_URL: queue,
    USERS_TABLE: users,
  };
  const start = (name: string) =>
    LambdaDouble.start({ name, file: join(import.meta.dirname, `${name}.mjs`), environment, timeoutMs: 600_000, memoryMb: 256 });
  const [processCsv, insertRecords, sendEmail] = await Promise.all([start('process-csv'), start('insert-records'), start('send-email')]);

  const sqs = new SQSClient(aws.settings);
  const streams = new DynamoDBStreamsClient({ ...settings, endpoint: local.settings.endpoint });
  const s3 = new S3Client({ ...aws.settings, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: 'articles', Key: 'people.csv', Body: file }));
  const read = await processCsv.invoke({ bucket: 'articles', key: 'people.csv' });
  if ('error' in read) throw new Error(read.error.message);

  const rows = new QueueMapping({
    client: sqs,
    url: queue,
    function: insertRecords,
    batchSize: 10,
    windowSeconds: 0,
    concurrency: 2,
  }).start();
  await until(() => aws.textsOn(queue).length === 0);
  await rows.stop();
  const inserted = new StreamMapping({
    client: streams,
    streamArn: table.TableDescription?.LatestStreamArn ?? '',
    function: sendEmail,
    filter: ({ eventName }) => eventName === 'INSERT',
    batchSize: 10,
    windowMs: 1_000,
    retries: 0,
    onFailure: (_, body) => Promise.reject(new Error(body)),
  }).start();
  await until(() => ses.taken.length >= count && sendEmail.running === 0);
  await inserted.stop();

  await Promise.all([processCsv, insertRecords, sendEmail].map((function_) => function_.close()));
  await Promise.all([aws.close(), ses.close(), dynamo.close()]);
  for (const each of [client, sqs, streams, s3]) each.destroy();
  return {
    sends: tally.units('SQS rows SendMessageBatch'),
    receives: tally.units('SQS rows ReceiveMessage'),
    deletes: tally.units('SQS rows DeleteMessageBatch'),
    invocations: { processCsv: processCsv.invocations, insertRecords: insertRecords.invocations, sendEmail: sendEmail.invocations },
    puts: tally.requests('DynamoDB PutItem'),
    mails: ses.taken.length,
    workedMs: [processCsv, insertRecords, sendEmail].reduce((sum, function_) => sum + function_.workedMs, 0),
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}
