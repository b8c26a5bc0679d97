import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LambdaDouble } from './lambda.ts';

let folder: string;
let running: LambdaDouble | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-lambda-'));
});

afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(folder, { recursive: true });
});

/** A function whose module is this text. */
async function functionOf(text: string, timeoutMs = 20_000): Promise<LambdaDouble> {
  const file = join(folder, 'tried.mjs');
  writeFileSync(file, text);
  running = await LambdaDouble.start({ name: 'tried', file, timeoutMs, memoryMb: 512, environment: { GIVEN: 'this' } });
  return running;
}

describe('a function behind the Runtime API', () => {
  test('gets its event and what it needs to know, and is answered for', async () => {
    const tried = await functionOf(`export const handler = async (event, context) => ({
      event, name: context.functionName, given: process.env.GIVEN, home: process.env.HOME, left: context.getRemainingTimeInMillis() });`);
    const { answer } = (await tried.invoke({ Records: ['é'] })) as { readonly answer: { readonly left: number } };
    expect(answer).toMatchObject({ event: { Records: ['é'] }, name: 'tried', given: 'this' });
    expect(answer).not.toHaveProperty('home');
    expect(answer.left).toBeGreaterThan(0);
    expect(answer.left).toBeLessThanOrEqual(20_000);
  });

  test('keeps its process for the next invocation, and gets another for one at the same time', async () => {
    const tried = await functionOf('let n = 0; export const handler = async () => [process.pid, (n += 1)];');
    const pidOf = (invocation: object) => ('answer' in invocation ? (invocation.answer as readonly number[]) : []);
    const [first, second] = [pidOf(await tried.invoke({})), pidOf(await tried.invoke({}))];
    expect(second).toStrictEqual([first[0], 2]);
    const both = await Promise.all([tried.invoke({}), tried.invoke({})]);
    expect(new Set(both.map((invocation) => pidOf(invocation)[0])).size).toBe(2);
    expect(tried.invocations).toBe(4);
    expect(tried.billedMs).toBeGreaterThanOrEqual(4);
  });

  test('tells what it worked', async () => {
    const tried = await functionOf(`export const handler = () => {
      const before = process.cpuUsage(); while (process.cpuUsage(before).user < 100_000); };`);
    await tried.invoke({});
    expect(tried.workedMs).toBeGreaterThanOrEqual(100);
  });

  test('fails with what it raised', async () => {
    const tried = await functionOf("export const handler = async () => { throw new RangeError('too far'); };");
    expect(await tried.invoke({})).toStrictEqual({ error: { type: 'RangeError', message: 'too far' } });
    expect(tried.log.join('\n')).toContain('too far');
  });

  test('fails where it cannot start', async () => {
    const tried = await functionOf("throw new TypeError('no variable');");
    expect(await tried.invoke({})).toStrictEqual({ error: { type: 'TypeError', message: 'no variable' } });
  });

  test('is killed where it takes too long, and starts anew', async () => {
    const tried = await functionOf('export const handler = ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, ms));', 3_000);
    expect(await tried.invoke({ ms: 1_000_000 })).toMatchObject({ error: { type: 'Sandbox.Timedout' } });
    expect(await tried.invoke({ ms: 1 })).toStrictEqual({ answer: 1 });
  });

  test('fails where its process ends', async () => {
    const tried = await functionOf('export const handler = async () => process.exit(7);');
    expect(await tried.invoke({})).toStrictEqual({ error: { type: 'Runtime.ExitError', message: 'The process ended with 7.' } });
  });
});
