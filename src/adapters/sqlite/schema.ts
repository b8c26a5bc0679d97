/**
 * The database's schema, as the steps that led to it: a database of version N has had the first N steps. A step that
 * was ever released is never changed; a new one is added.
 */
export const migrations: readonly string[] = [
  `
  -- Imports by a small number, since every user and result names one. (at, id) is the first part of a version.
  CREATE TABLE import_names (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL
  ) STRICT;

  -- One row an account. Only what differs from the usual is written: address where it is not the key itself,
  -- written_* where the data come from another row than the one that made the user.
  CREATE TABLE users (
    key TEXT PRIMARY KEY,
    address TEXT,
    name TEXT NOT NULL,
    attributes TEXT,
    import INTEGER NOT NULL,
    row INTEGER NOT NULL,
    welcome INTEGER NOT NULL,
    written_import INTEGER,
    written_row INTEGER
  ) STRICT, WITHOUT ROWID;

  -- Inserted users whose welcome is wanted and not yet announced, in the order of their insert.
  CREATE TABLE feed (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL
  ) STRICT;

  -- Who holds the feed: at most one row.
  CREATE TABLE feed_lease (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
  ) STRICT;

  -- The queues. A message is in flight while taken = 1 and visible_at is to come; a receipt is (id, receives).
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    visible_at INTEGER NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0,
    receives INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX messages_by_time ON messages (queue, visible_at);

  CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    text TEXT NOT NULL,
    code TEXT NOT NULL,
    cause TEXT NOT NULL,
    import_id TEXT,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_by_time ON dead_letters (at, id);

  -- The head is JSON: the domain decides what it says. The sums are those of batch_results.
  CREATE TABLE imports (
    number INTEGER PRIMARY KEY REFERENCES import_names,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    head TEXT NOT NULL,
    batches INTEGER NOT NULL DEFAULT 0,
    inserted INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX imports_by_time ON imports (created_at, number);

  -- One letter a row: i(nserted), u(pdated), d(uplicate), r(ejected).
  CREATE TABLE batch_results (
    import INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    outcomes TEXT NOT NULL,
    PRIMARY KEY (import, first_row)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE rejections (
    import INTEGER NOT NULL,
    row INTEGER NOT NULL,
    line INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    cells TEXT NOT NULL,
    cut INTEGER NOT NULL,
    PRIMARY KEY (import, row)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE part_failures (
    import INTEGER NOT NULL,
    part TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    cause TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (import, part)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE welcomes (
    user_id TEXT PRIMARY KEY,
    import INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    token TEXT,
    lease_until INTEGER,
    attempts INTEGER NOT NULL,
    uncertain_sends INTEGER NOT NULL,
    retry_at INTEGER,
    cause TEXT,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- The totals are counted on this index alone.
  CREATE INDEX welcomes_by_state ON welcomes (import, state, uncertain_sends);

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Answers to requests that carried a key of their sender.
  CREATE TABLE answers (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX answers_by_time ON answers (at);
  `,
];
