/** A list price: `dollars` for `per` units. */
export interface Price {
  /** What is counted, in the words of the bill. */
  readonly unit: string;
  readonly dollars: number;
  readonly per: number;
  /** The page that says so. */
  readonly source: string;
}

/** Where and when these prices hold. The free tier and discounts for volume are left out. */
export const priceList = { region: 'us-east-1', asOf: '2026-11' } as const;

const sqs = 'https://aws.amazon.com/sqs/pricing/';
const lambda = 'https://aws.amazon.com/lambda/pricing/';
const dynamodb = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const s3 = 'https://aws.amazon.com/s3/pricing/';
const kms = 'https://aws.amazon.com/kms/pricing/';
const cloudwatch = 'https://aws.amazon.com/cloudwatch/pricing/';

/** List prices of everything that the flow uses, in US dollars. */
export const prices = {
  /** Standard queues; a request of more than 64 KiB counts once for each 64 KiB begun. */
  sqsRequests: { unit: 'SQS requests of 64 KiB', dollars: 0.4, per: 1_000_000, source: sqs },
  lambdaInvocations: { unit: 'Lambda invocations', dollars: 0.2, per: 1_000_000, source: lambda },
  /** arm64; starting a function counts, too. */
  lambdaGbSeconds: { unit: 'Lambda GB-seconds (arm64)', dollars: 0.0000133334, per: 1, source: lambda },
  /** On demand, 1 KB begun each, twice in a transaction; a condition that fails costs one as well. The price is of November 2024. */
  writeUnits: { unit: 'DynamoDB write units', dollars: 0.625, per: 1_000_000, source: dynamodb },
  /** On demand, 4 KB begun each, half of it where a read need not be consistent. What Lambda reads of a stream is free. */
  readUnits: { unit: 'DynamoDB read units', dollars: 0.125, per: 1_000_000, source: dynamodb },
  tableGbMonths: { unit: 'DynamoDB GB-months', dollars: 0.25, per: 1, source: dynamodb },
  s3Writes: { unit: 'S3 requests that write', dollars: 0.005, per: 1_000, source: s3 },
  s3Reads: { unit: 'S3 requests that read', dollars: 0.0004, per: 1_000, source: s3 },
  s3GbMonths: { unit: 'S3 GB-months', dollars: 0.023, per: 1, source: s3 },
  mails: { unit: 'SES mails', dollars: 0.1, per: 1_000, source: 'https://aws.amazon.com/ses/pricing/' },
  kmsRequests: { unit: 'KMS requests', dollars: 0.03, per: 10_000, source: kms },
  kmsKeyMonths: { unit: 'KMS key-months', dollars: 1, per: 1, source: kms },
  /** As they are ingested. */
  logGb: { unit: 'CloudWatch GB of logs', dollars: 0.5, per: 1, source: cloudwatch },
  /** Each combination of dimensions, by the hours in which it was written. */
  metricMonths: { unit: 'CloudWatch metric-months', dollars: 0.3, per: 1, source: cloudwatch },
  alarmMonths: { unit: 'CloudWatch alarm-months', dollars: 0.1, per: 1, source: cloudwatch },
  traces: { unit: 'X-Ray traces', dollars: 5, per: 1_000_000, source: 'https://aws.amazon.com/xray/pricing/' },
} as const satisfies Readonly<Record<string, Price>>;

/** What is billed, by name. */
export type Billed = keyof typeof prices;
