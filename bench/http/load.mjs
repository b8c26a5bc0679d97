// Sends requests at an even rate: node load.mjs URL RATE WARM_UP_SECONDS SECONDS USERS, as a child that tells its parent when the warm-up is over, and the figures.
import { Agent, request } from 'node:http';

const [url, ...numbers] = process.argv.slice(2);
const [rate, warmUp, seconds, users] = numbers.map(Number);
const agent = new Agent({ keepAlive: true });

const warm = bodies('warm', rate * warmUp);
const counted = bodies('counted', rate * seconds);
await paced(warm);
process.send('warm');
const answers = await paced(counted);
const times = answers
  .filter(({ status }) => status === 202)
  .map(({ ms }) => ms)
  .sort((a, b) => a - b);
const within = (share) => times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? Infinity;
process.send({ answered: times.length, p50: within(0.5), p90: within(0.9), p99: within(0.99), most: times.at(-1) ?? Infinity }, () =>
  process.exit(0),
);

/** Made beforehand: no request waits for its text. No two are alike. */
function bodies(kind, count) {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(
      JSON.stringify({
        users: Array.from({ length: users }, (_, j) => ({ email: `${kind}-${i}-${j}@example.com`, name: `User ${i} ${j}` })),
      }),
    ),
  );
}

/** Starts each at its time, and waits for all of their answers. */
async function paced(texts) {
  const began = performance.now();
  const answers = [];
  for (const [index, body] of texts.entries()) {
    const due = began + (index * 1000) / rate;
    const wait = due - performance.now();
    // A timer may be early by a part of a millisecond.
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, Math.ceil(wait)));
    answers.push(answer(body, due));
  }
  return Promise.all(answers);
}

function answer(body, due) {
  return new Promise((resolve) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode, ms: performance.now() - due }));
    });
    sent.once('error', () => resolve({ status: 0, ms: Infinity }));
    sent.end(body);
  });
}
