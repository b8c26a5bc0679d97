import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { everything as plan, many, root } from './plan.ts';
import { allowed } from './rules/permissions.ts';

/** The actions behind a call of the SDK, where it is not called like its one action (Service Authorization Reference). */
const behind: Readonly<Record<string, readonly string[]>> = {
  SendMessageBatch: ['SendMessage'],
  DeleteMessageBatch: ['DeleteMessage'],
  ChangeMessageVisibilityBatch: ['ChangeMessageVisibility'],
  BatchExecuteStatement: ['PartiQLInsert', 'PartiQLUpdate'],
  TransactWriteItems: ['PutItem', 'UpdateItem', 'DeleteItem'],
  // Who may list the bucket is told of an object that is gone; else it looks like one that is forbidden.
  GetObject: ['GetObject', 'GetObjectVersion', 'ListBucket'],
  HeadObject: ['GetObject', 'GetObjectVersion', 'ListBucket'],
  GetObjectTagging: ['GetObjectTagging', 'GetObjectVersionTagging'],
  PutObjectTagging: ['PutObjectTagging', 'PutObjectVersionTagging'],
  CopyObject: ['GetObject', 'PutObject'],
  CreateMultipartUpload: ['PutObject'],
  UploadPart: ['PutObject'],
  CompleteMultipartUpload: ['PutObject'],
};

const services = { sqs: 'sqs', s3: 's3', dynamodb: 'dynamodb', 'dynamodb-stream': 'dynamodb', ses: 'ses' } as const;

describe('what the policies allow is what the adapters call', () => {
  const called = new Set(Object.entries(services).flatMap(([adapter, service]) => actionsOf(join(root, 'src/adapters', adapter), service)));
  const permitted = new Set(
    allowed(plan)
      .flatMap(({ statement }) => many(statement.Action))
      .filter((action) => /^(sqs|s3|dynamodb|ses):/.test(action)),
  );

  test('every action that is called is allowed to somebody', () => {
    expect(called.size).toBeGreaterThan(20);
    expect([...called].filter((action) => !permitted.has(action))).toEqual([]);
  });

  test('no action is allowed that nothing calls, but for one that Lambda asks for before it reads a stream', () => {
    expect([...permitted].filter((action) => !called.has(action))).toEqual(['dynamodb:ListStreams']);
  });
});

/** The actions that the files of a folder ask a service for. */
function actionsOf(folder: string, service: string): readonly string[] {
  const text = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const commands = [...text.matchAll(/new (\w+)Command\(|\bpaginate(\w+)\(/g)].map(([, command, paginated]) => (command ?? paginated)!);
  return commands.flatMap((command) => behind[command] ?? [command]).map((action) => `${service}:${action}`);
}
