#!/usr/bin/env node
import { readConfig } from '../config.ts';
import { importFiles } from './import.ts';
import { standardOutput } from './output.ts';

const [, , , file = '', ...rest] = process.argv;
const flag = (name: string): string | undefined => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined);
const config = readConfig();
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.exitCode = await importFiles(
  [file],
  { db: flag('--db') ?? config.db, mail: flag('--mail') ?? config.mail, reading: { map: {}, keep: [], onExisting: 'skip' }, again: false, strict: false, json: true },
  config,
  standardOutput({ quiet: false, color: false }),
  stop.signal,
);
