import type { SqliteError } from 'better-sqlite3';
import { PortError } from '../../ports/vocabulary.ts';

/** The file is a database of a later version of Rollcall. */
export class DatabaseNewer extends PortError {
  readonly code = 'database-newer';
  readonly retryable = false;
}

/** The file is no database of Rollcall. */
export class DatabaseForeign extends PortError {
  readonly code = 'database-foreign';
  readonly retryable = false;
}

/** The database cannot be opened: the folder is missing, or access is denied. */
export class DatabaseUnopenable extends PortError {
  readonly code = 'database-unopenable';
  readonly retryable = false;
}

type Failure = new (message: string, options: { readonly cause?: unknown; readonly hint?: string }) => PortError;

/** Runs `work`, and raises what SQLite raises as a failure of the port, with what the person can do. */
export function raising<T>(Unavailable: Failure, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    const { what, hint } = explained(error);
    throw new Unavailable(`The database ${file} ${what}.`, { cause: error, ...(hint && { hint }) });
  }
}

/** Whether SQLite raised it: told by the name, since a process that loads the library twice gets all errors in the class of the first one. */
export function isSqliteError(error: unknown): error is InstanceType<typeof SqliteError> {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'SqliteError';
}

/** What an error of SQLite means to a person (sqlite.org/rescode.html). */
export function explained(error: InstanceType<typeof SqliteError>): { readonly what: string; readonly hint?: string } {
  const code = error.code;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return {
      what: 'is locked by another program',
      hint: 'Close the program that holds it, then run the same command again: it goes on where it stopped.',
    };
  }
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE' || code === 'SQLITE_IOERR_SHMSIZE') {
    return {
      what: 'cannot grow: the disk is full',
      hint: 'Free some space, then run the same command again: it goes on where it stopped.',
    };
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') {
    return { what: 'is read-only', hint: 'Make the file and its folder writable, or name another database with --db.' };
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return { what: 'cannot be opened', hint: 'Look whether its folder exists and may be written to, or name another database with --db.' };
  }
  if (code === 'SQLITE_NOTADB') return { what: 'is not a database', hint: 'Name another file with --db.' };
  if (code.startsWith('SQLITE_CORRUPT')) {
    return { what: 'is damaged', hint: 'Restore it from a backup, or recover what is left with: sqlite3 FILE .recover' };
  }
  return { what: `raised ${code}: ${error.message}` };
}
