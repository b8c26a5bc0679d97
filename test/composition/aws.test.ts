import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { announceWorld } from '../../src/entrypoints/composition/aws/announce.ts';
import { generateUsersWorld } from '../../src/entrypoints/composition/aws/generate-users.ts';
import { httpFunctionWorld } from '../../src/entrypoints/composition/aws/http.ts';
import { httpWorld } from '../../src/entrypoints/composition/http.ts';
import { insertRecordsWorld } from '../../src/entrypoints/composition/aws/insert-records.ts';
import { processCsvWorld } from '../../src/entrypoints/composition/aws/process-csv.ts';
import { sendEmailWorld } from '../../src/entrypoints/composition/aws/send-email.ts';
import { sweepWorld } from '../../src/entrypoints/composition/aws/sweep.ts';
import { tokens, type World } from '../../src/entrypoints/composition/tokens.ts';
import { ConfigInvalid, functionSettings, variableOf, type AwsConfig, type FunctionName } from '../../src/entrypoints/config.ts';
import { AwsEmulator } from '../emulators/aws.ts';

type Name = keyof typeof tokens;

const config: AwsConfig = {
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
  from: 'Example Team <welcome@example.com>',
  configurationSet: 'rollcall-dev',
  legSeconds: 120,
};
const telemetry = new MemoryTelemetry();
const always: readonly Name[] = ['clock', 'ids', 'random', 'telemetry', 'uploadCodec', 'recordsCodec', 'welcomeCodec', 'releases'];

/** The world of each function, and what is in it beside what every one has. */
const worlds: readonly (readonly [FunctionName, () => World, readonly Name[]])[] = [
  [
    'process-csv',
    () => processCsvWorld(config, telemetry),
    [
      'imports',
      'uploads',
      'tickets',
      'rows',
      'syntax',
      'records',
      'recordsSource',
      'uploadQueue',
      'uploadSource',
      'deadLetters',
      'processCsvPorts',
      'processCsv',
    ],
  ],
  ['insert-records', () => insertRecordsWorld(config, telemetry), ['users', 'imports', 'deadLetters', 'insertRecords']],
  ['announce', () => announceWorld(config, telemetry), ['welcomes', 'welcomeSource']],
  [
    'send-email',
    () => sendEmailWorld(config, telemetry),
    ['welcomes', 'welcomeSource', 'welcomeLedger', 'deadLetters', 'mailer', 'schedule', 'templates', 'composer', 'sender', 'sendEmail'],
  ],
  ['sweep', () => sweepWorld(config, telemetry), ['users', 'feed', 'imports', 'welcomeLedger', 'welcomes', 'welcomeSource']],
  ['generate-users', () => generateUsersWorld(config, telemetry), ['records', 'recordsSource', 'imports', 'syntax']],
  [
    'http',
    () => httpFunctionWorld(config, telemetry),
    [
      ...(['uploads', 'tickets', 'rows', 'rowWriter', 'syntax', 'users', 'imports', 'welcomeLedger', 'deadLetters', 'keys'] as const),
      ...(['uploadQueue', 'uploadSource', 'records', 'acceptedRecords', 'recordsSource', 'welcomes', 'welcomeSource'] as const),
    ],
  ],
];

test('every function has a world', () => {
  expect(worlds.map(([name]) => name).sort()).toStrictEqual(Object.keys(functionSettings).sort());
});

test.each(worlds)('%s: every token resolves that it needs, and no other is there', (_, make, own) => {
  const world = make();
  for (const name of Object.keys(tokens) as Name[]) {
    const find = (): unknown => world.get<unknown>(tokens[name]);
    if (always.includes(name) || own.includes(name)) expect([name, find() === find()]).toStrictEqual([name, true]);
    else expect(find).toThrow(`rollcall.${name}`);
  }
});

describe('what the worlds are made of', () => {
  test('both ends of a queue are one queue', () => {
    const world = processCsvWorld(config, telemetry);
    expect(world.get(tokens.uploadQueue)).toBe(world.get(tokens.uploadSource));
  });

  test('uploads are told of by S3 itself, too', () => {
    const codec = announceWorld(config, telemetry).get(tokens.uploadCodec);
    expect(codec.decode('{"Service":"Amazon S3","Event":"s3:TestEvent"}')).toStrictEqual({ ours: true, message: { landed: [] } });
    expect(codec.decode(codec.encode({ importId: 'i' }))).toStrictEqual({ ours: true, message: { importId: 'i' } });
  });

  test('the HTTP API has all that it needs, and what it sends to is the records queue', () => {
    const world = httpFunctionWorld(config, telemetry);
    const { messages, sentMail, ...ports } = httpWorld(world);
    expect([messages, sentMail, Object.values<unknown>(ports).filter((port) => port === undefined)]).toStrictEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(ports.records).toBe(world.get(tokens.recordsSource));
  });

  test('send-email knows how its welcomes go out without asking', async () => {
    const ledger = sendEmailWorld(config, telemetry).get(tokens.welcomeLedger);
    expect([await ledger.keepChannel('ses'), await ledger.channel()]).toStrictEqual(['ses', 'ses']);
  });

  test('an address that mail cannot come from is refused at the start', () => {
    const make = () => sendEmailWorld({ ...config, from: 'Team <welcome@example>' }, telemetry);
    expect(make).toThrow(ConfigInvalid);
    expect(make).toThrow('Mail cannot come from the address that the environment variable ROLLCALL_FROM names, "Team <welcome@example>": ');
  });
});

describe('messages are let go of', () => {
  let emulator: AwsEmulator;
  beforeAll(async () => {
    emulator = await AwsEmulator.start();
  });
  afterAll(() => emulator.close());

  test('at the queue that the event names, beside the one whose URL is known', async () => {
    const url = emulator.createQueue('rollcall-dev-records');
    const { endpoint } = emulator.settings;
    const set = {
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    Object.assign(process.env, set);
    try {
      const recordsDeadLetters = emulator.createQueue('rollcall-dev-records-dead-letters');
      const world = insertRecordsWorld({ ...config, recordsDeadLetters }, telemetry);
      await world.get(tokens.releases)('arn:aws:sqs:eu-central-1:000000000000:rollcall-dev-records').release(['receipt'], 60_000);
      expect(emulator.requests.map(({ what }) => what)).toStrictEqual(['ChangeMessageVisibilityBatch']);
      expect(url).toBe(`${endpoint}/000000000000/rollcall-dev-records`);
    } finally {
      for (const name of Object.keys(set)) Reflect.deleteProperty(process.env, name);
    }
  });
});

describe('the entrypoints themselves', () => {
  const environment = Object.fromEntries(
    (Object.keys(config) as (keyof AwsConfig)[]).map((setting) => [variableOf(setting), String(config[setting])]),
  );
  const before = { ...process.env };
  beforeAll(() => void Object.assign(process.env, environment));
  afterAll(() => {
    process.env = before;
  });

  test.each(Object.keys(functionSettings))('%s has a handler', async (name) => {
    const { handler } = (await import(`../../src/entrypoints/lambda/${name}.ts`)) as { readonly handler: unknown };
    expect(typeof handler).toBe('function');
  });
});
