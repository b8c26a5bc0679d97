import { Option, type Command } from 'commander';
import { gathered, mapping, percentage, portNumber, rate, wholeNumber } from './arguments.ts';
import type { Work } from './context.ts';
import type { EstimateFlags } from './estimate.ts';
import type { ImportFlags, LetterFlags, MailFlags, ServeFlags, WorldFlags } from './flags.ts';

/** Runs a command's work; its module is loaded only then, so that no command waits for what another one needs. */
export type Run = (quiet: boolean, work: Work) => Promise<void>;

/** Adds every command: what it takes, and what `--help` says of it. */
export function defineCommands(program: Command, run: Run): void {
  program
    .description('Give Rollcall a CSV of people: each gets an account and one welcome e-mail, and you see what became of every row.')
    .addHelpText(
      'after',
      examples([
        'rollcall import people.csv',
        'rollcall import people.csv --dry-run',
        'rollcall status',
        'rollcall rejects --out rejects.csv',
      ]),
    )
    .addHelpText('after', environmentHelp)
    .showHelpAfterError('Run `rollcall --help` to see what there is.');
  defineImport(program, run);
  defineWork(program, run);
  defineServe(program, run);
  defineStatus(program, run);
  defineRejects(program, run);
  defineUsers(program, run);
  defineDeadLetters(program, run);
  defineGenerate(program, run);
  defineEstimate(program, run);
}

function defineImport(program: Command, run: Run): void {
  const command = define(program, 'import', 'Import CSV files, and welcome every new user.').argument(
    '<file...>',
    'CSV files; - is standard input',
  );
  withMail(withWorld(command))
    .option('--map <field=column>', 'the column of a field: email=COLUMN or name=COLUMN, by name or by number from 1', mapping)
    .option('--keep <column>', "keep a further column as an attribute of the user, for templates (repeatable; '*' keeps all)", gathered)
    .option('--encoding <name>', 'of the files, such as utf-8, windows-1252 or gb18030 (else it is detected)')
    .option('--delimiter <char>', "between columns: one character, or 'tab' (else it is detected)")
    .addOption(
      new Option('--on-existing <what>', 'what a row does whose address has a user already').choices(['skip', 'update']).default('skip'),
    )
    .option('--dry-run', 'check every row and show what would happen; write and send nothing')
    .option('--again', 'import a file once more that was imported already')
    .option('--strict', 'end with status 3 if rows were rejected')
    .option('--json', 'print one JSON object a file, on one line')
    .option('--quiet', 'show no progress and no notes')
    .addHelpText(
      'after',
      examples([
        'rollcall import people.csv',
        'rollcall import people.csv --dry-run',
        'rollcall import staff.csv --map email=Contact --map name=2 --keep City',
        "rollcall import people.csv --mail smtp://mail.example.com:587 --from 'Team <team@example.com>'",
        'xz -dc people.csv.xz | rollcall import - --json',
        'rollcall import people.csv --world aws',
      ]),
    )
    .addHelpText('after', importStatusHelp)
    .action((files: readonly string[], flags: ImportFlags) =>
      run(flags.quiet ?? false, async (context) =>
        flags.dryRun
          ? (await import('./dry-run.ts')).dryRun(files, flags, context)
          : flags.world === 'aws'
            ? (await import('./aws/import.ts')).importFilesOnAws(files, flags, context)
            : (await import('./import.ts')).importFiles(files, flags, context),
      ),
    );
}

function defineWork(program: Command, run: Run): void {
  withMail(
    withWorld(define(program, 'work', 'Carry on with all that imports left to do, until nothing is left; on AWS, until it is stopped.')),
  )
    .option('--quiet', 'show no progress and no notes')
    .addHelpText(
      'after',
      examples([
        'rollcall work',
        "rollcall work --mail smtp://mail.example.com:587 --from 'Team <team@example.com>'",
        'rollcall work --world aws',
      ]),
    )
    .action((flags: MailFlags & { readonly quiet?: true }) =>
      run(flags.quiet ?? false, async (context) =>
        flags.world === 'aws'
          ? (await import('./aws/work.ts')).workOnAws(flags, context)
          : (await import('./work.ts')).workOff(flags, context),
      ),
    );
}

function defineServe(program: Command, run: Run): void {
  withMail(withDatabase(define(program, 'serve', 'Serve the HTTP API, and carry on with all that there is to do until it is stopped.')))
    .option('--port <number>', 'of the address it answers at; 0 takes any that is free', portNumber, 8080)
    .option('--host <address>', 'it answers at; any but one of this machine alone needs a token or an issuer', '127.0.0.1')
    .option('--token-file <file>', 'whoever comes must show the token in its first line (environment: ROLLCALL_TOKEN, ROLLCALL_TOKEN_FILE)')
    .option('--oidc-issuer <url>', 'whoever comes must show a token of this OpenID Connect issuer')
    .option('--oidc-audience <name>', 'for whom these tokens must be meant')
    .addHelpText(
      'after',
      examples([
        'rollcall serve',
        'rollcall serve --port 9000 --mail none',
        'openssl rand -base64 32 > token && rollcall serve --host 0.0.0.0 --token-file token',
      ]),
    )
    .action((flags: ServeFlags) => run(false, async (context) => (await import('./serve.ts')).serve(flags, context)));
}

function defineStatus(program: Command, run: Run): void {
  withWorld(define(program, 'status', 'Show what became of an import: the latest one, or the one named.'))
    .argument('[import]', 'the id of an import, or its first digits')
    .option('--all', 'list all imports')
    .option('--row <number>', 'show what became of this row', wholeNumber(1))
    .option('--json', 'print one JSON object an import, on one line')
    .addHelpText('after', examples(['rollcall status', 'rollcall status --all', 'rollcall status 3f2a9c1e --row 17']))
    .action((id: string | undefined, flags: WorldFlags & { readonly all?: true; readonly row?: number; readonly json?: true }) =>
      run(false, async (context) => (await import('./status.ts')).showStatus(id, flags, context)),
    );
}

function defineRejects(program: Command, run: Run): void {
  withWorld(define(program, 'rejects', 'Write the rejected rows of an import as CSV, to be corrected and imported again.'))
    .argument('[import]', 'the id of an import, or its first digits (else the latest)')
    .option('--out <file>', 'write to this file (else to standard output)')
    .addHelpText(
      'after',
      examples(['rollcall rejects --out rejects.csv', 'rollcall rejects 3f2a9c1e | less', 'rollcall import rejects.csv']),
    )
    .action((id: string | undefined, flags: WorldFlags & { readonly out?: string }) =>
      run(false, async (context) => (await import('./rejects.ts')).writeRejects(id, flags, context)),
    );
}

function defineUsers(program: Command, run: Run): void {
  withWorld(define(program, 'users', 'List the users, and how their welcomes stand.'))
    .addOption(new Option('--json', 'print one JSON object a user, on one line').conflicts('csv'))
    .option('--csv', 'print CSV')
    .addHelpText('after', examples(['rollcall users | less', 'rollcall users --csv > users.csv', 'rollcall users --json | wc -l']))
    .action((flags: WorldFlags & { readonly json?: true; readonly csv?: true }) =>
      run(false, async (context) => (await import('./users.ts')).listUsers(flags, context)),
    );
}

function defineDeadLetters(program: Command, run: Run): void {
  const queue = (): Option => new Option('--queue <name>', 'only those of this queue').choices(['uploads', 'records', 'welcomes']);
  const command = define(program, 'dead-letters', 'Show what could not be done and why, or do it again after the mend.');
  withWorld(define(command, 'list', 'Show the dead letters with their causes.', { isDefault: true }))
    .addOption(queue())
    .addHelpText('after', examples(['rollcall dead-letters', 'rollcall dead-letters list --queue welcomes']))
    .action((flags: LetterFlags) => run(false, async (context) => (await import('./dead-letters.ts')).listLetters(flags, context)));
  withMail(withWorld(define(command, 'redrive', 'Do again what lies in dead letters, and wait until it is done.')))
    .addOption(queue())
    .option('--quiet', 'show no progress and no notes')
    .addHelpText('after', examples(['rollcall dead-letters redrive', 'rollcall dead-letters redrive --queue welcomes']))
    .action((flags: MailFlags & LetterFlags & { readonly quiet?: true }) =>
      run(flags.quiet ?? false, async (context) =>
        flags.world === 'aws'
          ? (await import('./aws/redrive.ts')).redriveLettersOnAws(flags, context)
          : (await import('./dead-letters.ts')).redriveLetters(flags, context),
      ),
    );
}

function defineGenerate(program: Command, run: Run): void {
  define(program, 'generate', 'Write a CSV of people who do not exist, for trials, to standard output.')
    .argument('<count>', 'how many rows', wholeNumber(0))
    .option('--seed <n>', 'another one gives other people', wholeNumber(0), 1)
    .option('--dirty <percent>', 'how many of the rows are as messy as real ones, from 0 to 100', percentage, 0)
    .addHelpText('after', examples(['rollcall generate 10000 > people.csv', 'rollcall generate 10000 --seed 2 --dirty 5 > messy.csv']))
    .action((count: number, flags: { readonly seed: number; readonly dirty: number }) =>
      run(false, async (context) => (await import('./generate.ts')).generate(count, flags, context)),
    );
}

function defineEstimate(program: Command, run: Run): void {
  define(program, 'estimate', 'Tell what an import on AWS would cost, and how long its welcomes take.')
    .argument('<rows>', 'how many people, all of them new', wholeNumber(1))
    .option(
      '--send-rate <number>',
      'mails a second that SES allows the account; 14 is what it gives at first, out of its sandbox',
      rate,
      14,
    )
    .option('--json', 'print one JSON object, on one line')
    .addHelpText('after', examples(['rollcall estimate 1000000', 'rollcall estimate 1000000 --send-rate 200 --json']))
    .action((rows: number, flags: EstimateFlags) =>
      run(false, async (context) => (await import('./estimate.ts')).tellEstimate(rows, flags, context)),
    );
}

function define(parent: Command, name: string, description: string, options: { readonly isDefault?: boolean } = {}): Command {
  const command = parent.command(name, options).description(description);
  return command.showHelpAfterError(`Run \`${pathOf(command)} --help\` to see what it takes.`);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function withDatabase(command: Command): Command {
  return command.option('--db <file>', 'the database (default: rollcall.db; environment: ROLLCALL_DB)');
}

function withWorld(command: Command): Command {
  return withDatabase(command)
    .addOption(new Option('--world <where>', 'where everything is: on this machine (local) or on a stack on AWS').choices(['local', 'aws']))
    .option(
      '--stack <file>',
      'which stack: the output of `terraform -chdir=infra output -json` (else the environment or Terraform say it)',
    );
}

function withMail(command: Command): Command {
  return command
    .option(
      '--mail <where>',
      'maildir:DIR, smtp://HOST:PORT, smtps://HOST:PORT or none (default: maildir:mail; environment: ROLLCALL_MAIL)',
    )
    .option('--from <address>', 'whom the welcomes come from (environment: ROLLCALL_FROM)')
    .option('--template <dir>', 'a welcome of your own: subject.hbs, body.html.hbs and body.txt.hbs in this directory');
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

const importStatusHelp = `
Exit status:
    0  every row has its outcome and every welcome is sent
    1  not all is done: dead letters, or welcomes that wait, failed or are uncertain
    2  nothing was begun: wrong usage, or a file that cannot be imported
    3  rows were rejected, with --strict
  130  stopped by Ctrl-C (143: by SIGTERM); the same command goes on from there`;

const environmentHelp = `
Environment (flags go before it):
  ROLLCALL_DB, ROLLCALL_MAIL, ROLLCALL_FROM   as --db, --mail and --from
  ROLLCALL_SMTP_USER, ROLLCALL_SMTP_PASSWORD  login at the mail server; ROLLCALL_SMTP_PASSWORD_FILE names a file with the password
  ROLLCALL_SMTP_TIMEOUT                       seconds that a mail server may be silent
  ROLLCALL_SEND_RATE                          mails a second that the mail server allows
  ROLLCALL_PATIENCE                           seconds to wait for something that does not work (default: 30)
  ROLLCALL_TOKEN                              what users of serve must show; ROLLCALL_TOKEN_FILE names a file with it
  ROLLCALL_USERS_TABLE, …_QUEUE_URL and so on where a stack on AWS is, for --world aws: Terraform's output rollcall_environment
  ROLLCALL_LOG                                debug, info, warn, error or silent: log lines on standard error
  NO_COLOR                                    any value: no colours`;
