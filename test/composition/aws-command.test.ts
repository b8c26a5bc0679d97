import { describe, expect, test } from '@jest/globals';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { commandWorld } from '../../src/entrypoints/composition/aws/command.ts';
import { workerWorld } from '../../src/entrypoints/composition/aws/worker.ts';
import { DirectoryUnavailable } from '../../src/ports/user-directory.ts';
import { tokens, type World } from '../../src/entrypoints/composition/tokens.ts';
import { runAwsWorker } from '../../src/entrypoints/worker/aws.ts';

type Name = keyof typeof tokens;

const places = {
  uploadsBucket: 'uploads',
  uploadsQueue: 'https://sqs.example.com/1/uploads',
  recordsQueue: 'https://sqs.example.com/1/records',
  welcomesQueue: 'https://sqs.example.com/1/welcomes',
  uploadsDeadLetters: 'https://sqs.example.com/1/uploads-dead-letters',
  recordsDeadLetters: 'https://sqs.example.com/1/records-dead-letters',
  welcomesDeadLetters: 'https://sqs.example.com/1/welcomes-dead-letters',
  usersTable: 'users',
  importsTable: 'imports',
  welcomesTable: 'welcomes',
};
const mail = { from: 'Example <welcome@example.com>', configurationSet: 'rollcall-dev' };
const telemetry = new MemoryTelemetry();

/** What is a matter of one process alone. */
const localNames: readonly Name[] = ['files', 'spool', 'recordTexts', 'acceptedRecords', 'keys'];
const mailNames: readonly Name[] = ['templates', 'composer', 'mailer', 'schedule', 'sender', 'sendEmail'];
const workNames: readonly Name[] = ['rows', 'syntax', 'processCsvPorts', 'processCsv', 'insertRecords', 'feed'];

function resolveAll(world: World, absent: readonly Name[]): void {
  for (const name of Object.keys(tokens) as Name[]) {
    const find = (): unknown => world.get<unknown>(tokens[name]);
    if (absent.includes(name)) expect(find).toThrow(`rollcall.${name}`);
    else expect([name, find() === find()]).toStrictEqual([name, true]);
  }
}

describe('every token resolves', () => {
  test('in the world of the command, but for those of work', () => {
    resolveAll(commandWorld(places, telemetry), [...localNames, ...mailNames, ...workNames]);
  });

  test('in that of a worker', () => {
    resolveAll(workerWorld({ ...places, ...mail }, telemetry, { sends: true }), localNames);
  });

  test('in that of a worker that sends nothing, but for those of mail', () => {
    resolveAll(workerWorld({ ...places, ...mail }, telemetry, { sends: false }), [...localNames, ...mailNames]);
  });
});

test('a worker logs that the stream cannot be read, and goes on trying', async () => {
  const log = new MemoryTelemetry();
  const stop = new AbortController();
  let asked = 0;
  const feed = {
    receive: () => {
      asked += 1;
      if (asked === 2) stop.abort();
      return Promise.reject(new DirectoryUnavailable('The stream of users may not be read.'));
    },
  };
  const nothing = {
    visibilityMs: 1_000,
    receive: (_limit: number, _waitMs: number, signal: AbortSignal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true })),
  };
  const real = workerWorld({ ...places, ...mail }, log, { sends: false });
  const instead = new Map<unknown, unknown>([
    [tokens.feed, feed],
    ...[tokens.uploadSource, tokens.recordsSource, tokens.welcomeSource].map((source) => [source, nothing] as const),
    [
      tokens.clock,
      { now: () => 0, sleep: (ms: number, signal: AbortSignal) => (ms < 3_600_000 ? Promise.resolve() : nothing.receive(0, 0, signal)) },
    ],
  ]);
  const world = { get: (token: never) => instead.get(token) ?? real.get(token) };
  await runAwsWorker(world, { sends: false }, stop.signal);
  expect(log.events.map(({ level, event, facts }) => [level, event, facts])).toEqual(
    [1, 2].map(() => ['warn', 'trouble', { stage: 'announce', cause: 'The stream of users may not be read.' }]),
  );
});

test('a worker that is stopped before it begins asks nobody', async () => {
  const world = workerWorld({ ...places, ...mail }, telemetry, { sends: false });
  await expect(runAwsWorker(world, { sends: false }, AbortSignal.abort())).resolves.toBeUndefined();
});
