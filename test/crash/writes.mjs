import { isMainThread } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

/**
 * Calls `heard` before every write of the command to its database, with its kind (`INSERT users`, `UPDATE welcomes` …) and how many
 * of that kind there were, this one included. Hears nothing in other threads, which have no database.
 */
export function onWrite(heard) {
  if (!isMainThread) return;
  const counts = {};
  const prepare = Sqlite.prototype.prepare;
  Sqlite.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    const kind = kindOf(sql);
    if (kind === undefined) return statement;
    const run = statement.run;
    statement.run = function (...values) {
      counts[kind] = (counts[kind] ?? 0) + 1;
      heard(kind, counts[kind]);
      return run.apply(this, values);
    };
    return statement;
  };
}

/** The verb and the table of a statement that writes. */
function kindOf(sql) {
  const write = /^\s*(INSERT|UPDATE|DELETE)\s+(?:OR REPLACE\s+)?(?:INTO\s+|FROM\s+)?(\w+)/.exec(sql);
  return write ? `${write[1]} ${write[2]}` : undefined;
}
