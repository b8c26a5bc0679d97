import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SqliteDatabase } from '../../adapters/sqlite/database.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { localWorld } from '../composition/local.ts';
import type { MailParts } from '../composition/mail.ts';
import { tokens, type World } from '../composition/tokens.ts';
import type { Config } from '../config.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { Context } from './context.ts';

/** A database that is open, and the world on it. */
export interface Session {
  readonly file: string;
  readonly world: World;
}

export interface SessionOptions {
  readonly db?: string | undefined;
  /** Opens a database only to look into it, or to work on it: then what a process that died had under way is taken over. */
  readonly to: 'look' | 'work';
  /** Makes a database where there is none. */
  readonly create?: boolean;
  readonly mail?: MailParts | undefined;
  /** Where log lines and counts go; as the environment says where it is absent. */
  readonly telemetry?: Telemetry;
}

/** The database's full path. */
export function databaseFile(db: string | undefined, config: Config): string {
  return resolve(db ?? config.db);
}

/** Opens the database, does the work, and closes everything again. */
export async function withSession<T>(
  { config, output }: Context,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const file = databaseFile(options.db, config);
  const isNew = !existsSync(file);
  if (isNew && options.create !== true) {
    throw new CommandFailed(`There is no database ${file}.`, {
      hint: 'Name it with --db, or make one: rollcall import people.csv',
      exitCode: exitCodes.usage,
    });
  }
  const db = new SqliteDatabase(file);
  try {
    if (isNew) output.note(`New database: ${file}`);
    const world = localWorld(
      db,
      options.telemetry ?? (await telemetryOf(config.log)),
      options.mail && (await import('../composition/mail.ts')).mailModule(options.mail),
    );
    world.get(tokens.telemetry).debug('database-opened', db.durability);
    if (options.to === 'work') db.endLeasesOfTheDead(world.get(tokens.clock).now());
    return await work({ file, world });
  } finally {
    await options.mail?.mailer.close();
    db.close();
  }
}

/** Log lines on standard error, of this level and the graver ones. */
export async function telemetryOf(level: Config['log']): Promise<Telemetry> {
  if (level === 'silent') return silent;
  // Loaded only where it is wished for: starting quickly is worth more.
  const { PinoTelemetry } = await import('../../adapters/pino/telemetry.ts');
  return new PinoTelemetry({ level, stream: process.stderr });
}

const silent: Telemetry = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  count: () => undefined,
};
