/**
 * What runs a function in a process of its own: loads its module and serves the Runtime API (Lambda Developer Guide, "Using the Lambda
 * runtime API"), as Lambda's runtime for Node does. It ends with its parent: standard input ends then.
 */
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { AWS_LAMBDA_RUNTIME_API: host, LAMBDA_TASK_ROOT: folder, _HANDLER: entry = '' } = process.env;
const api = `http://${host}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true });
process.stdin.resume().on('end', () => process.exit(0));

/** What the process has worked, in microseconds; told with each answer, for whoever reckons how long it would have taken with a part of a processor. */
const workedUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const handler = await load();
for (;;) {
  const { headers, text } = await call('GET', 'invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  try {
    const answer = await handler(JSON.parse(text), contextOf(headers));
    await call('POST', `invocation/${id}/response`, JSON.stringify(answer === undefined ? null : answer));
  } catch (error) {
    process.stderr.write(`${error?.stack ?? error}\n`);
    await call('POST', `invocation/${id}/error`, JSON.stringify(told(error)));
  }
}

/** The function that `_HANDLER` names: `<module>.<export>`. */
async function load() {
  try {
    const [module, name] = entry.split('.');
    const { [name]: found } = await import(pathToFileURL(join(folder, `${module}.mjs`)).href);
    if (typeof found !== 'function') throw new Error(`${entry} is no function.`);
    return found;
  } catch (error) {
    process.stderr.write(`${error?.stack ?? error}\n`);
    await call('POST', 'init/error', JSON.stringify(told(error)));
    process.exit(1);
  }
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function told(error) {
  return { errorType: error?.name ?? 'Error', errorMessage: error?.message ?? String(error), stackTrace: String(error?.stack).split('\n') };
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'x-worked-us': workedUs() };
    const sent = request(`${api}/${path}`, { method, agent, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ headers: answer.headers, text: Buffer.concat(parts).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
