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

/** The exit statuses of every command. */
export const exitCodes = { done: 0, notDone: 1, usage: 2, rejections: 3, interrupted: 130 } as const;
