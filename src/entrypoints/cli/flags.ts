import type { QueueName, ReadingOptions } from '../../ports/vocabulary.ts';

/** Where the database is, as a flag says. */
export interface DatabaseFlags {
  readonly db?: string;
}

/** How welcomes go out, as flags say. */
export interface MailFlags extends DatabaseFlags {
  readonly mail?: string;
  readonly from?: string;
  readonly template?: string;
}

/** What `import` is told. */
export interface ImportFlags extends MailFlags {
  readonly map?: ReadingOptions['map'];
  readonly keep?: readonly string[];
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly onExisting: ReadingOptions['onExisting'];
  readonly dryRun?: true;
  readonly again?: true;
  readonly strict?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** What `dead-letters` is told. */
export interface LetterFlags extends DatabaseFlags {
  readonly queue?: QueueName;
}

/** What `serve` is told. */
export interface ServeFlags extends MailFlags {
  readonly port: number;
  readonly host: string;
  readonly tokenFile?: string;
  readonly oidcIssuer?: string;
  readonly oidcAudience?: string;
}
