// The floor of sending: a bare nodemailer pool, the same messages, no ledger. node bare-pool.mjs PORT FILE.csv CONNECTIONS
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse';
import Handlebars from 'handlebars';
import { createTransport } from 'nodemailer';

const [port, csv, connections] = process.argv.slice(2);
const welcome = (file) => Handlebars.compile(readFileSync(join(import.meta.dirname, '../src/adapters/handlebars/welcome', file), 'utf8'));
const [subject, html, text] = ['subject.hbs', 'body.html.hbs', 'body.txt.hbs'].map(welcome);
const pool = createTransport({
  pool: true,
  host: '127.0.0.1',
  port: Number(port),
  maxConnections: Number(connections),
  maxMessages: Infinity,
  ignoreTLS: true,
});

const underWay = new Set();
for await (const [name, email] of createReadStream(csv).pipe(parse({ from_line: 2 }))) {
  const values = { name, email };
  const sent = pool
    .sendMail({
      from: 'Bench <bench@example.com>',
      to: { name, address: email },
      subject: subject(values),
      html: html(values),
      text: text(values),
    })
    .finally(() => underWay.delete(sent));
  underWay.add(sent);
  if (underWay.size >= 200) await Promise.race(underWay);
}
await Promise.all(underWay);
pool.close();
