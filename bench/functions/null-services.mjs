/**
 * S3, SQS, DynamoDB and SES that do next to nothing, in a process of their own (fork it): they answer at once, with as little as their clients need, so that
 * what is measured is the function that asks. Tells `{ port }`.
 *
 * S3 has one file under every name: a message `{ file }` sets it. SQS takes everything, and keeps the newest ten messages of each queue: a message
 * `{ newest: 'records' }` is answered by `{ bodies, sent }`, with how many there were since the last such question. DynamoDB takes every write; it keeps
 * the items of the table `imports`, has `users` users in the table of users (a message `{ users }` sets it), and nothing else. SES takes every mail.
 */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { userItem } from './people.mjs';

let [file, users] = ['', 0];
const queues = new Map();
const items = new Map();

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    response.writeHead(500).end();
  });
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  if (message.file !== undefined) file = message.file;
  if (message.users !== undefined) users = message.users;
  const { bodies = [], sent = 0 } = queues.get(message.newest) ?? {};
  if (message.newest !== undefined) queues.delete(message.newest);
  process.send({ bodies, sent });
});

async function answer(request, response) {
  const target = request.headers['x-amz-target'];
  if (target === undefined && request.headers['content-type'] !== 'application/x-www-form-urlencoded') return answerS3(request, response);
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  if (target === undefined) return xml(response, answerSes(body));
  const [, service, operation] = /^(AmazonSQS|DynamoDB)[^.]*\.(.+)$/.exec(target) ?? [];
  const told = service === 'AmazonSQS' ? answerSqs(operation, JSON.parse(body)) : answerDynamo(operation, JSON.parse(body));
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(told));
}

function answerS3(request, response) {
  request.resume();
  const { method, url, headers } = request;
  if (url.includes('tagging')) return xml(response, '<Tagging><TagSet></TagSet></Tagging>');
  const { size } = statSync(file);
  const [, from = '0'] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const start = Number(from);
  const told = { etag: '"null"', 'content-length': size - start, 'accept-ranges': 'bytes' };
  if (headers.range !== undefined) response.writeHead(206, { ...told, 'content-range': `bytes ${start}-${size - 1}/${size}` });
  else response.writeHead(200, told);
  if (method === 'HEAD') return response.end();
  const stream = createReadStream(file, { start, highWaterMark: 1 << 18 });
  response.on('close', () => stream.destroy());
  return stream.pipe(response);
}

function answerSqs(operation, { QueueUrl: url, Entries: entries = [] }) {
  if (operation === 'GetQueueAttributes') {
    const attributes = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'];
    return { Attributes: Object.fromEntries(attributes.map((name) => [name, '0'])) };
  }
  if (operation !== 'SendMessageBatch') return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  const name = url.slice(url.lastIndexOf('/') + 1);
  const queue = queues.get(name) ?? { bodies: [], sent: 0 };
  queues.set(name, queue);
  queue.bodies.push(...entries.map(({ MessageBody }) => MessageBody));
  queue.bodies.splice(0, queue.bodies.length - 10);
  queue.sent += entries.length;
  const md5 = (text) => createHash('md5').update(text).digest('hex');
  return { Successful: entries.map(({ Id, MessageBody }) => ({ Id, MessageId: Id, MD5OfMessageBody: md5(MessageBody) })), Failed: [] };
}

function answerDynamo(operation, asked) {
  const { TableName: table, Statements: statements, Key: key, Item: item, TransactItems: writes = [] } = asked;
  if (operation === 'BatchExecuteStatement') return { Responses: statements.map(() => ({})) };
  if (operation === 'BatchGetItem') return { Responses: batchOf(asked.RequestItems), UnprocessedKeys: {} };
  if (operation === 'GetItem') return { Item: items.get(nameOf(key)) };
  if (operation === 'UpdateItem') return { Attributes: freeLine(asked.ExpressionAttributeValues) };
  if (operation === 'Scan') return table === 'users' ? usersFrom(asked) : { Items: [], Count: 0 };
  if (operation === 'Query') return { Items: found(asked.ExpressionAttributeValues) };
  for (const { Put } of [{ Put: item && { Item: item } }, ...writes]) if (Put?.Item.pk) keep(Put.Item);
  return {};
}

/** Nobody stands in the line of senders: who asks has his turn at once. */
function freeLine({ ':now': now, ':length': length }) {
  return { free: { N: String(Number(now.N) + Number(length?.N ?? 0)) } };
}

/** Of what lies in `imports` only heads and their list are asked for again; batches and failures would fill the memory. */
function keep(item) {
  if (item.sk.S === 'head' || item.pk.S === 'imports') items.set(nameOf(item), item);
}

function batchOf(requests) {
  return Object.fromEntries(
    Object.entries(requests).map(([table, { Keys: keys }]) => [table, keys.map((key) => items.get(nameOf(key))).filter(Boolean)]),
  );
}

/** The list of imports before one, newest first; or the progress of one: every user that there is was inserted by it. */
function found({ ':pk': pk, ':sk': before }) {
  if (pk.S === 'imports') return [...items.values()].filter((item) => item.pk.S === 'imports' && item.sk.S < before.S).reverse();
  const none = { N: '0' };
  const counts = { batches: { N: '1' }, inserted: { N: String(users) }, updated: none, duplicates: none, rejected: none };
  return users === 0 ? [] : [{ pk, sk: { S: 'counts' }, ...counts }];
}

function usersFrom({ Limit: limit, ExclusiveStartKey: after }) {
  const first = after ? Number(/\d+/.exec(after.key.S)[0]) + 1 : 1;
  const count = Math.max(0, Math.min(limit, users - first + 1));
  const page = Array.from({ length: count }, (_, index) => userItem(first + index));
  return { Items: page, Count: count, ...(first + count <= users && { LastEvaluatedKey: { key: page.at(-1).key } }) };
}

function nameOf({ pk, sk }) {
  return `${pk?.S} ${sk?.S}`;
}

function answerSes(body) {
  const action =
    new URLSearchParams(body.subarray(0, 200).toString('latin1')).get('Action') ?? /Action=(\w+)/.exec(body.toString('latin1'))[1];
  const result =
    action === 'GetSendQuota'
      ? '<Max24HourSend>100000000</Max24HourSend><MaxSendRate>1000000</MaxSendRate><SentLast24Hours>0</SentLast24Hours>'
      : '<MessageId>null</MessageId>';
  return `<${action}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><${action}Result>${result}</${action}Result></${action}Response>`;
}

function xml(response, text) {
  response.writeHead(200, { 'content-type': 'text/xml' }).end(text);
}
