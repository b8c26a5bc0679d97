// What the pages of so many browsers ask for while they watch an import: node consoles.mjs URL COUNT, as a child that tells its parent when all
// consoles are open, is told the import's path, and tells how many events came.
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';

/** How many rejected rows a page shows at first. */
const shown = 50;

const [url, count] = process.argv.slice(2);
const browsers = Array.from({ length: Number(count) }, () => new Agent({ keepAlive: true }));
await Promise.all(browsers.map(open));
process.send('open');
const path = await new Promise((resolve) => process.once('message', resolve));
const events = await Promise.all(browsers.map(watched));
process.send(
  events.reduce((sum, each) => sum + each, 0),
  () => process.exit(0),
);

/** Loads the console. */
async function open(agent) {
  const page = await text(await answer(agent, '/'));
  for (const [, file] of page.matchAll(/(?:src|href)="(\/[\w./-]+)"/g)) await text(await answer(agent, file));
}

/** Follows the import to its end, as `src/entrypoints/console` does. @returns how many events came */
async function watched(agent) {
  let [rest, events, rows] = ['', 0, 0];
  for await (const chunk of (await answer(agent, `${path}/events`)).setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
      if (name === 'end') return events;
      if (data === undefined) continue;
      events++;
      const { rejected } = JSON.parse(data);
      if (rows >= Math.min(rejected, shown)) continue;
      const page = await text(await answer(agent, `${path}/rows?outcome=rejected&limit=${shown}`));
      rows = JSON.parse(page).items.length;
    }
  }
  throw new Error('The events broke off.');
}

function answer(agent, path) {
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, { agent }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${path}: ${response.statusCode}`));
    }).once('error', reject);
  });
}
