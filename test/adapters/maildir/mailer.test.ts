import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MaildirMailer } from '../../../src/adapters/maildir/mailer.ts';
import { MaildirSentMail } from '../../../src/adapters/maildir/sent-mail.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { MailPaused } from '../../../src/ports/mailer.ts';
import { mailerContract } from '../../contracts/mailer.contract.ts';
import { sentMailContract } from '../../contracts/sent-mail.contract.ts';
import { withoutRootRights } from '../../rights.ts';

const clock = new SystemClock();

mailerContract(
  'maildir',
  async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'rollcall-maildir-')), 'mail');
    const mailer = new MaildirMailer(path, clock);
    return {
      mailer,
      // As the rules say: whatever is in new/ and cur/, and no file of tmp/. Lines end with LF in files.
      taken: async () => {
        const files = [...(await listed(path, 'new')), ...(await listed(path, 'cur'))];
        const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
        return texts.map((text) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'));
      },
      answer: async (how) => {
        // A file in the place of the folder: root may write to any directory.
        if (how === 'pause') await rm(path, { recursive: true, force: true }).then(() => writeFile(path, ''));
        else await rm(path, { recursive: true, force: true });
      },
      close: () => rm(join(path, '..'), { recursive: true }),
    };
  },
  {
    refuse: 'a folder takes every message',
    'be unavailable': 'a folder that does not take one message takes none',
    'be uncertain': 'sending again leaves one',
  },
);

sentMailContract('maildir', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'rollcall-maildir-')), 'mail');
  return {
    mailer: new MaildirMailer(path, clock),
    sentMail: new MaildirSentMail(path, clock),
    close: () => rm(join(path, '..'), { recursive: true }),
  };
});

describe('MaildirMailer', () => {
  let path: string;
  const message = Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
  const envelope = { from: 'welcome@example.com', to: 'u1@example.com', userId: 'u1' };

  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'rollcall-maildir-')), 'deep', 'mail');
  });

  afterEach(async () => {
    await rm(join(path, '..', '..'), { recursive: true });
  });

  test('makes tmp, new and cur, for their owner alone, and leaves the message in new', async () => {
    await new MaildirMailer(path, clock).send(envelope, message);
    expect((await readdir(path)).sort()).toEqual(['cur', 'new', 'tmp']);
    const files = await listed(path, 'new');
    expect(files).toHaveLength(1);
    expect(await readdir(join(path, 'tmp'))).toEqual([]);
    expect(await readFile(files[0] ?? '', 'latin1')).toBe('Subject: Hello\n\nHello\n');
  });

  test('gives a name that the rules allow, the same for a user in every process', async () => {
    const other = join(path, '..', 'other');
    for (const userId of ['u1', '../../escape', 'with:colon', '.hidden', '王']) {
      await new MaildirMailer(path, clock).send({ ...envelope, userId }, message);
      await new MaildirMailer(other, clock).send({ ...envelope, userId }, message);
    }
    const names = await readdir(join(path, 'new'));
    expect(names).toHaveLength(5);
    for (const name of names) expect(name).toMatch(/^[^.:/][^:/]*$/);
    expect((await readdir(join(other, 'new'))).sort()).toEqual(names.sort());
  });

  test.each([
    ['S', ':2,S'],
    ['nothing', ':2,'],
    ['several', ':2,FRS'],
    ['no flags at all', ''],
  ])('leaves one of a message that a reader moved to cur with %s', async (_, suffix) => {
    const mailer = new MaildirMailer(path, clock);
    await mailer.send(envelope, message);
    const name = (await readdir(join(path, 'new')))[0] ?? '';
    await rename(join(path, 'new', name), join(path, 'cur', name + suffix));
    await mailer.send(envelope, message);
    await new MaildirMailer(path, clock).send(envelope, message);
    expect(await readdir(join(path, 'new'))).toEqual([]);
    expect(await readdir(join(path, 'cur'))).toEqual([name + suffix]);
  });

  test('notices moves at any time, one after the other', async () => {
    const mailer = new MaildirMailer(path, clock);
    const sentMail = new MaildirSentMail(path, clock);
    for (let user = 0; user < 20; user += 1) {
      await mailer.send({ ...envelope, userId: `u${user}` }, message);
      const name = (await readdir(join(path, 'new')))[0] ?? '';
      await rename(join(path, 'new', name), join(path, 'cur', `${name}:2,`));
      await mailer.send({ ...envelope, userId: `u${user}` }, message);
      await rename(join(path, 'cur', `${name}:2,`), join(path, 'cur', `${name}:2,S`));
      expect(Buffer.from((await sentMail.find(`u${user}`)) ?? []).toString()).toBe(message.toString());
    }
    expect(await readdir(join(path, 'new'))).toEqual([]);
    expect(await readdir(join(path, 'cur'))).toHaveLength(20);
  });

  test('reads cur again when it has changed', async () => {
    const sentMail = new MaildirSentMail(path, clock);
    await new MaildirMailer(path, clock).send(envelope, message);
    const name = (await readdir(join(path, 'new')))[0] ?? '';
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(path, 'cur'), longAgo, longAgo);
    expect(await sentMail.find('u2')).toBeUndefined();
    await rename(join(path, 'new', name), join(path, 'cur', `${name}:2,S`));
    expect(await sentMail.find('u1')).toBeDefined();
    expect(await sentMail.find('u1')).toBeDefined();
  });

  test('does not trust a listing of cur that is as young as the clocks are coarse', async () => {
    const sentMail = new MaildirSentMail(path, clock);
    await new MaildirMailer(path, clock).send(envelope, message);
    const name = (await readdir(join(path, 'new')))[0] ?? '';
    const justNow = new Date();
    await utimes(join(path, 'cur'), justNow, justNow);
    expect(await sentMail.find('u2')).toBeUndefined();
    await rename(join(path, 'new', name), join(path, 'cur', `${name}:2,S`));
    await utimes(join(path, 'cur'), justNow, justNow);
    expect(await sentMail.find('u1')).toBeDefined();
  });

  test('leaves one when a message is sent many times at once', async () => {
    const mailers = [new MaildirMailer(path, clock), new MaildirMailer(path, clock)];
    await Promise.all(mailers.flatMap((mailer) => Array.from({ length: 10 }, () => mailer.send(envelope, message))));
    expect(await readdir(join(path, 'new'))).toHaveLength(1);
    expect(await readdir(join(path, 'tmp'))).toEqual([]);
  });

  test('removes what lies in tmp for more than 36 hours, and nothing younger', async () => {
    await mkdir(join(path, 'tmp'), { recursive: true });
    const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
    for (const [name, age] of [
      ['old', 37],
      ['young', 35],
    ] as const) {
      await writeFile(join(path, 'tmp', name), 'x');
      await utimes(join(path, 'tmp', name), hours(age), hours(age));
    }
    await new MaildirMailer(path, clock).send(envelope, message);
    expect(await readdir(join(path, 'tmp'))).toEqual(['young']);
  });

  test('says which directory cannot be written and what to do, and goes on when it can be', async () => {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, 'a file');
    const mailer = new MaildirMailer(path, clock);
    const failure: unknown = await mailer.send(envelope, message).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MailPaused);
    expect(failure).toMatchObject({ retryable: true, hint: expect.stringContaining('not a directory') as unknown });
    expect((failure as Error).message).toContain(`The maildir ${path} cannot be written: `);
    await rm(path);
    await mailer.send(envelope, message);
    expect(await readdir(join(path, 'new'))).toHaveLength(1);
  });

  test('makes folders again that were removed', async () => {
    const mailer = new MaildirMailer(path, clock);
    await mailer.send(envelope, message);
    await rm(path, { recursive: true });
    await expect(mailer.send(envelope, message)).rejects.toThrow(MailPaused);
    await mailer.send(envelope, message);
    expect(await readdir(join(path, 'new'))).toHaveLength(1);
  });

  test('says so where it has no right to write', async () => {
    const mailer = new MaildirMailer(path, clock);
    await mailer.send({ ...envelope, userId: 'u0' }, message);
    await chmod(join(path, 'tmp'), 0o500);
    await withoutRootRights(async () => {
      await expect(mailer.send(envelope, message)).rejects.toMatchObject({ hint: expect.stringContaining('right to write') as unknown });
    });
    await chmod(join(path, 'tmp'), 0o700);
  });
});

async function listed(path: string, folder: string): Promise<string[]> {
  try {
    return (await readdir(join(path, folder))).map((name) => join(path, folder, name));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
