import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CountingMailServer } from './mail-server.ts';
import { damageOf, mailsIn, outcomeOf, type Damage } from './outcome.ts';
import { importArgs, makeReference, removeReference, type MailKind, type Reference } from './reference.ts';
import { settled, start } from './rollcall.ts';

/** `rollcall import` while the machine's clock jumps an hour forward and back: it comes to its end, with nothing lost. */

const hour = 3_600_000;
let reference: Reference;
beforeAll(async () => void (reference = await makeReference(100, 5)), 60_000);
afterAll(() => removeReference(reference));

describe.each(['maildir', 'smtp'] as const)('over %s, the clock jumps', (mail) => {
  test.each([
    ['forward while rows are stored, and back while they are', `INSERT users:10=${hour},INSERT users:60=0`],
    ['forward while rows are stored, and back amid the welcomes', `INSERT users:40=${hour},UPDATE welcomes:30=0`],
    [
      'forward and back amid the welcomes, twice',
      `UPDATE welcomes:5=${hour},UPDATE welcomes:35=0,UPDATE welcomes:55=${hour},UPDATE welcomes:80=0`,
    ],
    ['back, and forward again', `INSERT users:20=${-hour},UPDATE welcomes:20=0`],
  ])(
    '%s',
    async (_, jumps) => {
      const damage = await importUnder(mail, jumps);
      expect(damage.violations).toStrictEqual([]);
    },
    60_000,
  );
});

test('a jump forward ends the leases of sends that are under way: they are uncertain, and sent once more', async () => {
  const server = await CountingMailServer.start();
  const cwd = folder();
  const twice = new Promise<void>((resolve) => {
    // The first mail has no answer until it has come a second time.
    server.onMail = (nth, place) => {
      if (place === 'before-answering' && [...server.mails.values()].includes(2)) resolve();
      if (nth !== 1 || place !== 'before-answering') return undefined;
      writeFileSync(join(cwd, 'ahead'), String(hour));
      return twice;
    };
  });
  try {
    const damage = await finish('smtp', cwd, server, {});
    expect(damage.violations).toStrictEqual([]);
    expect(damage.mailsTwiceUncertain).toBeGreaterThan(0);
    expect(damage.uncertainSends).toBeGreaterThanOrEqual(damage.mailsTwiceUncertain);
  } finally {
    await server.close();
  }
}, 60_000);

async function importUnder(mail: MailKind, jumps: string): Promise<Damage> {
  const server = await CountingMailServer.start();
  try {
    return await finish(mail, folder(), server, { CLOCK_JUMPS: jumps, ROLLCALL_SEND_RATE: '1000' });
  } finally {
    await server.close();
  }
}

async function finish(mail: MailKind, cwd: string, server: CountingMailServer, env: Readonly<Record<string, string>>): Promise<Damage> {
  const args = importArgs(reference.csv, mail === 'smtp' ? `smtp://127.0.0.1:${server.port}` : 'maildir:mail');
  const { code, stdout, stderr } = await settled(
    start(args, { cwd, preload: ['shiftedClock'], env: { CLOCK_AHEAD: join(cwd, 'ahead'), ...env } }),
    30_000,
  );
  if (code !== 0) throw new Error(`It ended with ${String(code)}: ${stderr}`);
  const outcome = outcomeOf(join(cwd, 'people.db'), stdout, mail === 'smtp' ? server.mails : mailsIn(join(cwd, 'mail')));
  return damageOf(outcome, reference.undisturbed[mail].outcome);
}

/** A folder with an import that was begun, and a clock that is right. */
function folder(): string {
  const cwd = mkdtempSync(join(reference.folder, 'clock-'));
  copyFileSync(reference.begun, join(cwd, 'people.db'));
  writeFileSync(join(cwd, 'ahead'), '0');
  return cwd;
}
