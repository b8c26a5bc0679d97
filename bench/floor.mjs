// The floor of the import benchmark: csv-parse straight into better-sqlite3, nothing else.
// node floor.mjs FILE.csv NEW.db   (run it in a folder whose node_modules has both packages)
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [csv, db] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const Database = require('better-sqlite3');
const { parse } = await import(pathToFileURL(require.resolve('csv-parse')).href);

const database = new Database(db);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL');
database.exec('CREATE TABLE users (email TEXT PRIMARY KEY, name TEXT, state TEXT) WITHOUT ROWID');
const insert = database.prepare("INSERT INTO users VALUES (?, ?, 'due') ON CONFLICT DO NOTHING");
const insertAll = database.transaction((rows) => {
  for (const [name, email] of rows) insert.run(email, name);
});

let rows = [];
for await (const row of createReadStream(csv, { highWaterMark: 1 << 20 }).pipe(parse())) {
  rows.push(row);
  if (rows.length === 1000) {
    insertAll(rows);
    rows = [];
  }
}
insertAll(rows);
