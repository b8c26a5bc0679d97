// A bundled function in a process of its own, and its Runtime API: one invocation after the other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { usage } from '../measure.mjs';

const root = join(import.meta.dirname, '../..');
/** In milliseconds: the longest that Lambda gives. */
const timeoutMs = 15 * 60_000;

/** How much memory each function has, in MB, as infra/functions.tf says. */
export const memoryMb = { 'process-csv': 1769, 'insert-records': 384, announce: 256, 'send-email': 208, sweep: 512, 'generate-users': 512 };

/**
 * Starts the function `stage` of dist/lambda on the Node `node`, with V8's limits as Lambda's runtime sets them where NODE_OPTIONS says nothing of
 * them (`bootstrap` in the image of Node 24): 5% of the memory for half of the new space, 90% for the old one. It is loaded when this returns.
 * BENCH_BUNDLES names another folder of bundles, and BENCH_NODE_OPTIONS further options of Node, to compare.
 */
export async function startFunction(stage, { node, environment }) {
  const queue = [];
  let underWay;
  let asking;
  let onLoaded;
  const hand = () => {
    if (!asking || queue.length === 0) return;
    const invocation = queue.shift();
    underWay = invocation;
    const headers = { 'lambda-runtime-aws-request-id': invocation.id, 'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs) };
    asking.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(invocation.event);
    asking = undefined;
  };
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.url.endsWith('/invocation/next')) {
      asking = response;
      onLoaded?.();
      return hand();
    }
    response.writeHead(202).end();
    const told = JSON.parse(Buffer.concat(parts));
    if (request.url.endsWith('/response')) underWay.resolve(told);
    else underWay?.reject(new Error(`${stage} failed: ${told.errorMessage}`));
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  const memory = memoryMb[stage];
  const limits = [`--max-semi-space-size=${Math.floor(memory / 20)}`, `--max-old-space-size=${Math.floor(memory * 0.9)}`];
  const extra = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter(Boolean);
  const args = [...limits, ...extra, join(root, 'test/emulators/lambda-bootstrap.mjs')];
  const child = spawn(node, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      TZ: ':UTC',
      MALLOC_ARENA_MAX: '1',
      ...environment,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}`,
      AWS_LAMBDA_FUNCTION_NAME: `rollcall-bench-${stage}`,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: process.env.BENCH_BUNDLES ?? join(root, 'dist/lambda'),
      _HANDLER: `${stage}.handler`,
    },
  });
  // Warnings and errors come on standard error, and are shown.
  child.stdout.resume();
  await new Promise((resolve, reject) => {
    onLoaded = resolve;
    child.once('exit', (code, signal) => {
      const ended = new Error(`${stage} ended with ${code ?? signal}`);
      underWay?.reject(ended);
      reject(ended);
    });
  });
  let count = 0;
  return {
    /** Runs it once. @returns what it answered, and how long that took, in seconds */
    async invoke(event) {
      const began = performance.now();
      const answer = await new Promise((resolve, reject) => {
        queue.push({ id: String((count += 1)), event: JSON.stringify(event), resolve, reject });
        hand();
      });
      if (answer?.batchItemFailures?.length > 0) throw new Error(`${stage} failed: its log says why.`);
      return { answer, seconds: (performance.now() - began) / 1000 };
    },
    usage: () => usage(child.pid),
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An event of SQS with these bodies. */
export function queueEvent(queue, bodies) {
  const attributes = { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) };
  const eventSourceARN = `arn:aws:sqs:eu-central-1:000000000000:${queue}`;
  const Records = bodies.map((body, n) => ({
    messageId: `m${n}`,
    receiptHandle: `r${n}`,
    body,
    attributes,
    eventSource: 'aws:sqs',
    eventSourceARN,
  }));
  return { Records };
}

/** The event by which S3 tells of an object with so many bytes. */
export function landedEvent(key, size) {
  const s3 = { bucket: { name: 'uploads' }, object: { key, size, versionId: 'v1', eTag: 'null' } };
  return queueEvent('uploads', [JSON.stringify({ Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 }] })]);
}
