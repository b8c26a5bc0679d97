import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
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
  // Users are inserted one by one, and confirmed after that: so no jump comes before the one that is named before it.
  test.each([
    ['forward while rows are stored, and back while they are', `INSERT users:10=${hour},INSERT users:60=0`],
    ['forward while rows are stored, and back amid the welcomes', `INSERT users:40=${hour},UPDATE welcomes:50=0`],
    [
      'forward and back amid the welcomes, twice',
      `UPDATE welcomes:5=${hour},UPDATE welcomes:35=0,UPDATE welcomes:55=${hour},UPDATE welcomes:80=0`,
    ],
    ['back, and forward again', `INSERT users:20=${-hour},UPDATE welcomes:20=0`],
  ])(
    '%s',
    async (_, jumps) => {
      const { damage, jumped } = await importUnder(mail, jumps);
      expect(jumped).toStrictEqual(jumps.split(','));
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

/** What came of an import amid these jumps, and the jumps that the clock made, in their order. */
async function importUnder(mail: MailKind, jumps: string): Promise<{ readonly damage: Damage; readonly jumped: readonly string[] }> {
  const server = await CountingMailServer.start();
  const cwd = folder();
  try {
    const damage = await finish(mail, cwd, server, { CLOCK_JUMPS: jumps, ROLLCALL_SEND_RATE: '1000' });
    const jumped = join(cwd, 'ahead.jumped');
    return { damage, jumped: existsSync(jumped) ? readFileSync(jumped, 'utf8').trim().split('\n') : [] };
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
  return damageOf(outcome, reference.undisturbed[mail].outcome, mail === 'maildir' ? 0 : 2);
}

/** A folder with an import that was begun, and a clock that is right. */
function folder(): string {
  const cwd = mkdtempSync(join(reference.folder, 'clock-'));
  copyFileSync(reference.begun, join(cwd, 'people.db'));
  writeFileSync(join(cwd, 'ahead'), '0');
  return cwd;
}
