/** The articles' first function: a message a row, ten a request, one request after the other. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';

const [s3, sqs] = [new S3Client(), new SQSClient()];

export async function handler({ bucket, key }) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const [, ...rows] = (await Body.transformToString()).trimEnd().split('\n');
  for (let i = 0; i < rows.length; i += 10) {
    const Entries = rows.slice(i, i + 10).map((MessageBody, n) => ({ Id: String(n), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: process.env.ROWS_QUEUE_URL, Entries }));
  }
}
