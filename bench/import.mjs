// Import of many rows against the floor, turn by turn in one run.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { median, rounded, run } from './measure.mjs';

/**
 * @param order 'sequential' or 'random'
 * @returns medians over the turns: seconds of floor and product, their ratio (turn by turn), and the product's memory
 */
export async function benchImport({ root, folder, rows, order, turns }) {
  const csv = await people({ root, folder, rows, order });
  const results = [];
  for (let turn = 0; turn < turns; turn++) {
    const floor = await floorTurn({ root, folder, csv });
    const product = await productTurn({ root, folder, csv, rows });
    results.push({ floor, product, ratio: product.seconds / floor.seconds });
    process.stderr.write(
      `  turn ${turn + 1}: floor ${floor.seconds.toFixed(2)} s, product ${product.seconds.toFixed(2)} s, ratio ${(product.seconds / floor.seconds).toFixed(2)}\n`,
    );
  }
  rmSync(csv);
  return {
    rows,
    order,
    turns,
    floorSeconds: rounded(median(results.map(({ floor }) => floor.seconds))),
    productSeconds: rounded(median(results.map(({ product }) => product.seconds))),
    ratio: rounded(median(results.map(({ ratio }) => ratio))),
    floorDurability: results[0].floor.durability,
    productDurability: await productDurability({ root, folder }),
    productMegabytes: median(results.map(({ product }) => product.megabytes)),
    productMegabytesMost: Math.max(...results.map(({ product }) => product.megabytes)),
    floorMegabytes: median(results.map(({ floor }) => floor.megabytes)),
  };
}

/** A file of so many people; of every `badEvery` one has no valid address. @returns its path */
export async function people({ root, folder, rows, order, badEvery = 0 }) {
  const csv = join(folder, `${order}-${rows}.csv`);
  const child = spawn(process.execPath, [join(root, 'bench/people.mjs'), String(rows), order, String(badEvery)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await pipeline(child.stdout, createWriteStream(csv));
  return csv;
}

async function floorTurn({ root, folder, csv }) {
  const db = join(folder, 'floor.db');
  // In the project's folder, whose node_modules has both packages.
  const turn = await run(process.execPath, [join(root, 'bench/floor.mjs'), csv, db], { cwd: root });
  const database = new Database(db);
  const durability = { journal: database.pragma('journal_mode', { simple: true }), synchronous: 'NORMAL' };
  database.close();
  remove(db);
  return { ...turn, durability };
}

async function productTurn({ root, folder, csv, rows }) {
  const db = join(folder, 'product.db');
  const turn = await run(
    process.execPath,
    [join(root, 'dist/entrypoints/cli/main.js'), 'import', csv, '--db', db, '--mail', 'none', '--json'],
    { cwd: folder },
  );
  const result = JSON.parse(turn.stdout);
  if (result.state !== 'completed' || result.inserted !== rows) throw new Error(`The import did not do its work: ${turn.stdout}`);
  remove(db);
  return turn;
}

/** How the product's connection is set, as it says itself. */
async function productDurability({ root, folder }) {
  const csv = join(folder, 'one.csv');
  writeFileSync(csv, 'name,email\nOne,one@example.com\n');
  const db = join(folder, 'one.db');
  const env = { ...process.env, ROLLCALL_LOG: 'debug' };
  const args = ['import', csv, '--db', db, '--mail', 'none', '--json'];
  const { stderr } = await run(process.execPath, [join(root, 'dist/entrypoints/cli/main.js'), ...args], { cwd: folder, env });
  const line = stderr.split('\n').find((line) => line.includes('database-opened'));
  remove(db);
  return JSON.parse(line).facts;
}

function remove(db) {
  for (const file of [db, `${db}-wal`, `${db}-shm`]) if (existsSync(file)) rmSync(file);
}
