import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Container } from 'inversify';
import { SqliteDatabase } from '../../adapters/sqlite/database.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { MailParts } from '../composition/mail.ts';
import { localWorld } from '../composition/local.ts';
import { tokens } from '../composition/tokens.ts';
import type { Config } from '../config.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { Output } from './output.ts';

/** A database that is open, and the world on it. */
export interface Session {
  readonly db: SqliteDatabase;
  readonly world: Container;
}

export interface SessionOptions {
  readonly db: string;
  readonly mail?: MailParts | undefined;
  /** Whether a database is made where there is none. */
  readonly create: boolean;
}

/** Opens the database, does the work, and closes everything again. */
export async function withSession<T>(config: Config, output: Output, options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const file = resolve(options.db);
  const isNew = !existsSync(file);
  if (isNew && !options.create) {
    throw new CommandFailed(`There is no database ${file}.`, { hint: 'Name it with --db, or make one: rollcall import people.csv', exitCode: exitCodes.usage });
  }
  const db = new SqliteDatabase(file);
  try {
    if (isNew) output.note(`New database: ${file}`);
    const world = localWorld(db, await telemetryOf(config), options.mail);
    if (options.create) db.endLeasesOfTheDead(world.get(tokens.clock).now());
    return await work({ db, world });
  } finally {
    await options.mail?.mailer.close();
    db.close();
  }
}

async function telemetryOf(config: Config): Promise<Telemetry> {
  if (config.log === 'silent') return silent;
  // Loaded only where it is wished for: starting quickly is worth more.
  const { PinoTelemetry } = await import('../../adapters/pino/telemetry.ts');
  return new PinoTelemetry({ level: config.log, stream: process.stderr });
}

const silent: Telemetry = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, count: () => undefined };
