import { once } from 'node:events';

/** Where a command's words go: results to standard output, everything else to standard error. */
export interface Output {
  /** A line of the result. */
  result(line: string): void;
  /** A part of a result that may be long: resolves when the next part may come. */
  write(part: string | Uint8Array): Promise<void>;
  /** A line beside the result; left out with --quiet. */
  note(line: string): void;
  /** A line about what went wrong. */
  error(line: string): void;
  /** The terminal on which a person watches how far it has come, if there is one. */
  readonly watched: NodeJS.WriteStream | undefined;
}

/** The terminal, or whatever stands in its place. */
export function standardOutput({ quiet }: { readonly quiet: boolean }): Output {
  return {
    result: (line) => void process.stdout.write(`${line}\n`),
    async write(part) {
      if (!process.stdout.write(part)) await once(process.stdout, 'drain');
    },
    note: (line) => {
      if (!quiet) process.stderr.write(`${line}\n`);
    },
    error: (line) => void process.stderr.write(`${line}\n`),
    watched: process.stderr.isTTY && !quiet ? process.stderr : undefined,
  };
}
