import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { importUsers, type ImportUsersPorts, type NewUser } from '../../domain/user-import/import-users.ts';
import type { BatchLimits } from '../../domain/user-import/plan-reading.ts';
import type { StartedImport } from '../../domain/user-import/start-import.ts';
import { persons } from '../generate/people.ts';
import { UnknownEvent } from './events.ts';
import { invoke, type InvocationPorts } from './invocation.ts';

/** What came of the call: the import, and whether these very users were `started`, are sent once more (`resumed`), or have all been imported (`ended`). */
export interface GeneratedImport {
  readonly import: string;
  readonly how: StartedImport['how'];
  readonly users: number;
  readonly batches: number;
}

/** A function that a person calls. */
export type GenerateHandler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<GeneratedImport>;

const wish = z.strictObject({
  count: z.int().min(1).max(10_000_000),
  seed: z.int(),
  welcome: z.boolean().default(false),
});

/**
 * generate-users: `{"count":…,"seed":…,"welcome":false}` sends so many people who do not exist to the records queue, for a trial without a file. The same
 * call makes the same people, and the same import. They are only welcomed where that is asked for: their addresses lead nowhere, and
 * mail that bounces costs a sender its reputation.
 */
export function generateHandler(ports: ImportUsersPorts & InvocationPorts, limits: BatchLimits): GenerateHandler {
  return (event, context) =>
    invoke(ports, context, 0, async () => {
      const read = wish.safeParse(event);
      if (!read.success) {
        const { path = [], message = '' } = read.error.issues[0] ?? {};
        throw new UnknownEvent(
          `The event has to be {"count":COUNT,"seed":SEED,"welcome":true or false}; ${path.join('.') || 'it'}: ${message}.`,
        );
      }
      const { count, seed, welcome } = read.data;
      const name = `${count} generated users of seed ${seed}`;
      const upload = { identity: `generated:${seed}:${count}:${String(welcome)}`, location: 'generate-users', name, size: 0 };
      const users: Iterable<NewUser> = { [Symbol.iterator]: () => generated(count, seed) };
      const { head, how } = await importUsers(ports, { users, upload, onExisting: 'skip', welcome, again: false, limits });
      ports.telemetry.info('users-generated', { importId: head.id, how, users: count });
      return { import: head.id, how, users: count, batches: head.batches ?? 0 };
    });
}

function* generated(count: number, seed: number): Generator<NewUser, undefined> {
  for (const { name, email } of persons(count, seed)) yield { name, email };
}
