import { PortError } from '../../ports/vocabulary.ts';
import { shown } from './words.ts';

/** The exit statuses of every command. `usage`: it could not begin, because of how it was called or what it was given. */
export const exitCodes = { done: 0, notDone: 1, usage: 2, rejections: 3, interrupted: 130, terminated: 143 } as const;

/** A command cannot do what it was asked: what happened, what to do, and the exit status. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: { readonly hint?: string | undefined; readonly exitCode: number; readonly cause?: unknown }) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.hint = options.hint;
    this.exitCode = options.exitCode;
  }
}

/** An error as a person is told it: `message` says what happened, `hint` what to do. */
export interface Told {
  readonly message: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
}

/** What to tell about an error; its stack only where it was not foreseen and `withStack` asks for it. */
export function told(error: unknown, withStack: boolean): Told {
  if (error instanceof CommandFailed) return { message: shown(error.message), hint: hintOf(error), exitCode: error.exitCode };
  if (error instanceof PortError)
    return {
      message: shown(error.message),
      hint: hintOf(error),
      exitCode: canBeMendedOutside(error) ? exitCodes.notDone : exitCodes.usage,
    };
  if (isConfigInvalid(error))
    return { message: error.message, hint: 'Correct it, or unset it to have the default.', exitCode: exitCodes.usage };
  const stack = withStack && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return {
    message: `this should not have happened: ${shown(error instanceof Error ? error.message : String(error))}${stack}`,
    hint: withStack
      ? 'Nothing that was done is lost. Please report it with these lines.'
      : 'Nothing that was done is lost. Run it again with ROLLCALL_LOG=debug in the environment, and report it with the lines that this prints.',
    exitCode: exitCodes.notDone,
  };
}

/** The lines about an error. */
export function toldLines({ message, hint }: Told): readonly string[] {
  return [`rollcall: ${message}`, ...(hint === undefined ? [] : [hint])];
}

function hintOf({ hint }: { readonly hint: string | undefined }): string | undefined {
  return hint === undefined ? undefined : shown(hint);
}

/** Whether the very same command can succeed later: a database that is locked or full, a folder that may not be written yet. */
function canBeMendedOutside(error: PortError): boolean {
  return error.retryable || error.code === 'database-unopenable';
}

function isConfigInvalid(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'config-invalid';
}
