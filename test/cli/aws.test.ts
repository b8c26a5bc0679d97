import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { rejectsColumns } from '../../src/domain/user-import/columns.ts';
import { onDynamoDBLocal } from '../adapters/dynamodb/local.ts';
import { sesErrors } from '../adapters/ses/double.ts';
import { present } from '../contracts/world.ts';
import type { Ended } from './command.ts';
import { Stack } from './stack.ts';

const people = 'name,email\nAda,ada@example.com\nBob,bob@example.com\nAda again,ADA@example.com\nNobody,\n';

onDynamoDBLocal((local) => {
  // Each test starts several processes, and each look at dead letters listens for seconds.
  jest.setTimeout(120_000);
  let stack: Stack;
  let stopWork: () => Promise<Ended>;

  beforeAll(async () => {
    stack = await Stack.on(local());
    stopWork = stack.work();
  });

  afterAll(async () => {
    await stopWork();
    await stack.close();
  });

  test('import uploads the file, has it imported, and reports just as on one machine', async () => {
    stack.scratch.write('people.csv', people);
    const { code, stdout, stderr } = await stack.run('import', 'people.csv', '--json');
    expect(JSON.parse(stdout)).toEqual({
      ...{ import: expect.any(String), state: 'completed', rows: 4, inserted: 2, updated: 0, duplicates: 1, rejected: 1 },
      ...{ welcomed: 2, uncertain: 0, failed: 0, seconds: expect.any(Number) },
    });
    expect([code, stderr]).toEqual([0, 'people.csv: uploading 0.1 KB …\n']);
    expect(stack.ses.taken.map(({ to, from, configurationSet }) => [to, from, configurationSet]).sort()).toEqual([
      [['ada@example.com'], 'welcome@example.com', 'rollcall-test'],
      [['bob@example.com'], 'welcome@example.com', 'rollcall-test'],
    ]);
    // Done with, so the bucket lets go of it.
    const [kept] = stack.aws.s3.listObjects('rollcall-test-uploads', {}).objects;
    expect(stack.aws.extras.tagsOf('rollcall-test-uploads', present(kept).key)).toEqual({ rollcall: 'done' });
  });

  test('the same file again uploads nothing, and shows the import that there is', async () => {
    const puts = stack.aws.count('PUT ');
    const { code, stdout, stderr } = await stack.run('import', 'people.csv', '--json');
    expect(stderr).toMatch(/^people.csv was already imported/);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'completed', welcomed: 2 });
    expect([code, stack.aws.count('PUT ') - puts]).toEqual([0, 0]);
  });

  test('--again makes a new import, which finds only duplicates', async () => {
    const [again] = await stack.json('import', 'people.csv', '--again', '--json');
    expect(again).toMatchObject({ state: 'completed', rows: 4, inserted: 0, duplicates: 3, rejected: 1, welcomed: 0 });
  });

  test('standard input and --mail none do as well', async () => {
    const { stdout } = await stack.scratch.run(['import', '-', '--json', '--mail', 'none', '--world', 'aws', '--stack', 'stack.json'], {
      env: stack.env,
      stdin: 'name,email\nQuiet,quiet@example.com\n',
    });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'completed', inserted: 1, welcomed: 0 });
    expect(stack.ses.taken.flatMap(({ to }) => to)).not.toContain('quiet@example.com');
  });

  test('status, rejects and users look into the stack', async () => {
    const all = await stack.json('status', '--all', '--json');
    expect(all.map(({ state, rows }) => [state, rows])).toEqual([
      ['completed', 1],
      ['completed', 4],
      ['completed', 4],
    ]);
    const first = String(present(all[2])['import']);
    const status = await stack.run('status', first);
    expect(status.stdout).toContain(
      `To correct and import it again:  rollcall rejects ${first.slice(0, 8)} --out rejects.csv --world aws --stack stack.json`,
    );
    expect((await stack.run('status', first, '--row', '3')).stdout).toBe('row 3 of people.csv: duplicate\n');
    const { stdout: rejects } = await stack.run('rejects', first);
    expect(rejects.split(/\r?\n/)[0]).toBe('\ufeff' + ['name', 'email', ...rejectsColumns].join(','));
    const users = await stack.json('users', '--json');
    expect(users.map(({ email, welcome }) => [email, welcome]).sort()).toEqual([
      ['ada@example.com', 'sent'],
      ['bob@example.com', 'sent'],
      ['quiet@example.com', 'not wanted'],
    ]);
  });

  test('--again reads an import that lacks batches from its start once more', async () => {
    stack.scratch.write('lost.csv', 'name,email\nLost,lost@example.com\n');
    const [whole] = await stack.json('import', 'lost.csv', '--mail', 'none', '--json');
    const { completedAt: _, ...head } = present(await stack.imports.find(String(present(whole)['import'])));
    expect(await stack.imports.replace({ ...head, state: 'read', batches: 2 })).toBe(true);
    const { code, stdout, stderr } = await stack.run('import', 'lost.csv', '--mail', 'none', '--again', '--json');
    expect(stderr).toMatch(/^lost.csv: uploading /);
    expect(JSON.parse(stdout)).toMatchObject({ import: head.id, state: 'completed', rows: 1, inserted: 1 });
    expect([code, (await stack.imports.find(head.id))?.batches]).toEqual([0, 1]);
  });

  test('a welcome that SES refuses lies in dead letters, and is sent when that is mended', async () => {
    stack.ses.answer = ({ to }) => (to[0] === 'late@example.com' ? sesErrors.illegalAddress : 'take');
    stack.scratch.write('late.csv', 'name,email\nLate,late@example.com\nEarly,early@example.com\n');
    const refused = await stack.run('import', 'late.csv', '--json');
    expect(JSON.parse(refused.stdout)).toMatchObject({ state: 'completed', inserted: 2, welcomed: 1, failed: 1 });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('To try again after the mend:  rollcall dead-letters redrive --world aws --stack stack.json');
    const listed = await stack.run('dead-letters', 'list', '--queue', 'welcomes');
    expect(listed.stdout).toMatch(/ {2}welcomes {2}mail-refused {2}import .*\n {2}late@example.com: /);

    stack.ses.answer = () => 'take';
    const redriven = await stack.run('dead-letters', 'redrive');
    expect(redriven.stderr).toBe('1 dead letter is tried again.\n');
    expect(redriven.stdout).toMatch(/ 2 {2}welcomed /);
    expect(redriven.code).toBe(0);
    expect((await stack.run('dead-letters')).stdout).toBe('There are no dead letters.\n');
  });

  test('who stops waiting is told that the stack goes on', async () => {
    const waits = stack.ses.quota;
    stack.ses.quota = { max24HourSend: 1, maxSendRate: 1, sentLast24Hours: 1 };
    stack.ses.answer = () => sesErrors.dailyQuota;
    stack.scratch.write('slow.csv', 'name,email\nSlow,slow@example.com\n');
    const stopped = await stack.scratch.run(['import', 'slow.csv', '--json', '--world', 'aws', '--stack', 'stack.json'], {
      env: stack.env,
      signals: [{ signal: 'SIGINT', when: (stderr) => stderr.includes('uploading') && stack.ses.requests['SendRawEmail'] !== undefined }],
    });
    expect(stopped.stderr).toContain('No longer waited for. The stack goes on with it: rollcall status --world aws --stack stack.json\n');
    expect([stopped.code, JSON.parse(stopped.stdout)]).toMatchObject([130, { welcomed: 0 }]);
    stack.ses.quota = waits;
    stack.ses.answer = () => 'take';
  });

  test('a worker that is asked to stop does, at a safe point', async () => {
    const ended = await stopWork();
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/^Working on the queues and the stream of the stack\./);
    expect(ended.stderr).toMatch(/Stopped\. Nothing is lost: whoever works next goes on from there\.\n$/);
    expect(ended.code).toBe(0);
  });
});
