import type { QueueName, ReadingOptions } from '../../ports/vocabulary.ts';

/** In which world everything is, and where in it, as flags say. */
export interface WorldFlags {
  /** `local` where it is absent. */
  readonly world?: 'local' | 'aws';
  /** The database of the world on this machine. */
  readonly db?: string;
  /** A file that says where the world on AWS is. */
  readonly stack?: string;
}

/** How welcomes go out, as flags say. */
export interface MailFlags extends WorldFlags {
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
export interface LetterFlags extends WorldFlags {
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
