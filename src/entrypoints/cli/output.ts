/** Where a command's words go: results to standard output, everything else to standard error. */
export interface Output {
  /** A line of the result. */
  result(line: string): void;
  /** A line beside the result; left out with --quiet. */
  note(line: string): void;
  /** A line about what went wrong. */
  error(line: string): void;
  /** Whether a person watches standard error on a terminal. */
  readonly interactive: boolean;
  readonly color: boolean;
}

/** The terminal, or whatever stands in its place. */
export function standardOutput(options: { readonly quiet: boolean; readonly color: boolean }): Output {
  return {
    result: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void (options.quiet || process.stderr.write(`${line}\n`)),
    error: (line) => void process.stderr.write(`${line}\n`),
    interactive: process.stderr.isTTY && !options.quiet,
    color: options.color && process.stderr.isTTY,
  };
}
