// Small imports of users as JSON, at an even rate: the server against a bare one, turn by turn in one run.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { median, rounded } from '../measure.mjs';
import { serving, started } from './serving.mjs';

/** Users in a request. */
const users = 10;

/** What comes before the counted requests, in seconds: code that is warm, and connections that are open. */
const warmUp = 3;

/**
 * Requests start on schedule, whether or not earlier ones are answered (an open loop), and their time counts from the schedule on.
 * @returns medians over the turns: milliseconds within which so many of a hundred requests were answered, of both servers, and what the product
 * takes beyond the bare one; and the processor's milliseconds a request, in which the product's import of the users is counted, too
 */
export async function benchJson({ root, folder, rate, seconds, turns }) {
  const results = [];
  for (let turn = 0; turn < turns; turn++) {
    const bare = await barely({ root, rate, seconds });
    const product = await really({ root, folder, rate, seconds });
    results.push({ bare, product });
    process.stderr.write(`  turn ${turn + 1}: bare ${line(bare)}; product ${line(product)}\n`);
  }
  const middle = (of) => rounded(median(results.map(of)));
  const middles = (name) =>
    Object.fromEntries(['p50', 'p90', 'p99', 'most', 'cpuMs'].map((figure) => [figure, middle((result) => result[name][figure])]));
  return {
    ...{ rate, seconds, users, turns },
    bare: middles('bare'),
    product: middles('product'),
    beyondBare: Object.fromEntries(['p50', 'p90', 'p99'].map((f) => [f, middle(({ bare, product }) => product[f] - bare[f])])),
    p99Ratio: middle(({ bare, product }) => product.p99 / bare.p99),
  };
}

async function barely({ root, rate, seconds }) {
  // In the project's folder, whose node_modules has both packages.
  const server = await started([join(root, 'bench/http/bare.mjs')], { cwd: root });
  try {
    return await loaded({ root, server, rate, seconds });
  } finally {
    await server.stop();
  }
}

async function really({ root, folder, rate, seconds }) {
  const server = await serving({ root, folder });
  let kept = 0;
  let result;
  try {
    result = await loaded({ root, server, rate, seconds });
  } finally {
    await server.stop((file) => {
      const database = new Database(file, { readonly: true });
      kept = database.prepare('SELECT count(*) FROM imports').pluck().get();
      database.close();
    });
  }
  if (kept !== rate * (seconds + warmUp)) throw new Error(`${kept} imports were kept, and ${rate * (seconds + warmUp)} answered.`);
  return result;
}

async function loaded({ root, server, rate, seconds }) {
  const client = fork(join(root, 'bench/http/load.mjs'), [
    `${server.url}/imports`,
    String(rate),
    String(warmUp),
    String(seconds),
    String(users),
  ]);
  const next = () => new Promise((resolve) => client.once('message', resolve));
  await next();
  const before = server.used().cpuSeconds;
  const result = await next();
  const cpuMs = ((server.used().cpuSeconds - before) * 1000) / result.answered;
  if (result.answered !== rate * seconds) throw new Error(`Not all requests were answered with 202: ${JSON.stringify(result)}`);
  return { ...result, cpuMs };
}

function line({ p50, p90, p99, most, cpuMs }) {
  return `p50 ${p50.toFixed(1)}, p90 ${p90.toFixed(1)}, p99 ${p99.toFixed(1)}, most ${most.toFixed(0)} ms, cpu ${cpuMs.toFixed(2)} ms a request`;
}
