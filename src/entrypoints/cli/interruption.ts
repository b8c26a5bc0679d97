import { exitCodes } from './failure.ts';
import type { Output } from './output.ts';

/** A person's or the system's wish that the command ends. */
export interface Interruption {
  /** Aborts at the first Ctrl-C (SIGINT) or SIGTERM: then work comes to a safe point. */
  readonly signal: AbortSignal;
  /** The exit status of a command that ended because of it. */
  readonly exitCode: number;
}

/** Listens for Ctrl-C and SIGTERM from now on. The second one ends the process at once, which loses nothing either: it only leaves more to do again. */
export function interruption(output: Output): Interruption {
  const stop = new AbortController();
  let exitCode: number = exitCodes.interrupted;
  const ask = (code: number) => (): void => {
    if (stop.signal.aborted) process.exit(code);
    exitCode = code;
    stop.abort();
    output.note('Stopping at a safe point … (once more: at once)');
  };
  process.on('SIGINT', ask(exitCodes.interrupted));
  process.on('SIGTERM', ask(exitCodes.terminated));
  return {
    signal: stop.signal,
    get exitCode() {
      return exitCode;
    },
  };
}
