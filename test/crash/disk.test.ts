import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CountingMailServer } from './mail-server.ts';
import { damageOf, mailsIn, outcomeOf } from './outcome.ts';
import { importArgs, makeReference, removeReference, type MailKind, type Reference } from './reference.ts';
import { settled, start, type Ended } from './rollcall.ts';

/**
 * `rollcall import` on a disk that fills up in the middle: it says what is full, where, and what to do; and once there is room,
 * the same command comes to the end of an undisturbed run.
 */

/** Where CI=true a test that is skipped for it counts as failed. */
const cannotMount = mayMount() ? undefined : 'no right to mount a small disk';
let reference: Reference;
beforeAll(async () => void (reference = await makeReference(100, 9)), 60_000);
afterAll(() => removeReference(reference));

describe('the disk of the database is full', () => {
  describe.each(['maildir', 'smtp'] as const)('with welcomes over %s', (mail) => {
    for (const kilobytes of mail === 'maildir' ? [160, 360] : [240]) {
      onSmallDisk(`at ${kilobytes} KiB`, kilobytes, async (disk, cwd, makeRoom) => {
        copyFileSync(reference.begun, join(disk, 'people.db'));
        const full = await fullThenEqual(mail, cwd, join(disk, 'people.db'), makeRoom, {});
        expect(full.stderr).toContain(`rollcall: The database ${join(disk, 'people.db')} cannot grow: the disk is full.\n`);
        expect(full.stderr).toContain('Free some space, then run the same command again: it goes on where it stopped.\n');
      });
    }
  });

  test('or no file may get any larger', async () => {
    const cwd = mkdtempSync(join(reference.folder, 'limit-'));
    copyFileSync(reference.begun, join(cwd, 'people.db'));
    // In blocks of 512 bytes (POSIX, ulimit).
    const full = await fullThenEqual('maildir', cwd, join(cwd, 'people.db'), () => undefined, { within: 'ulimit -f 500 && exec "$@"' });
    expect(full.stderr).toContain(`rollcall: The database ${join(cwd, 'people.db')} cannot grow: the disk is full.\n`);
  }, 60_000);
});

describe('the disk of the maildir is full', () => {
  onSmallDisk('amid the welcomes', 64, async (disk, cwd, makeRoom) => {
    copyFileSync(reference.begun, join(cwd, 'people.db'));
    const full = await fullThenEqual('maildir', cwd, join(cwd, 'people.db'), makeRoom, { maildir: join(disk, 'mail') });
    expect(full.stderr).toContain(`rollcall: The maildir ${join(disk, 'mail')} cannot be written: ENOSPC`);
    expect(full.stderr).toContain('The disk is full. Make room; then sending goes on.\n');
  });
});

/** Runs the import into the full disk, makes room, runs it again, and compares. Answers how the first run ended. */
async function fullThenEqual(
  mail: MailKind,
  cwd: string,
  db: string,
  makeRoom: () => void,
  { within, maildir = join(cwd, 'mail') }: { readonly within?: string; readonly maildir?: string },
): Promise<Ended> {
  const server = await CountingMailServer.start();
  try {
    const args = importArgs(reference.csv, mail === 'smtp' ? `smtp://127.0.0.1:${server.port}` : `maildir:${maildir}`, db);
    const full = await settled(start(args, { cwd, env: { ROLLCALL_PATIENCE: '0.5' }, ...(within !== undefined && { within }) }));
    expect(full.code).toBe(1);
    makeRoom();
    const { code, stdout, stderr } = await settled(start(args, { cwd }));
    if (code !== 0) throw new Error(`With room enough it ended with ${String(code)}: ${stderr}`);
    const outcome = outcomeOf(db, stdout, mail === 'smtp' ? server.mails : mailsIn(maildir));
    expect(damageOf(outcome, reference.undisturbed[mail].outcome).violations).toStrictEqual([]);
    return full;
  } finally {
    await server.close();
  }
}

/** A test with a file system of so many kilobytes, which `makeRoom` makes large enough, and a folder on another disk. */
function onSmallDisk(label: string, kilobytes: number, work: (disk: string, cwd: string, makeRoom: () => void) => Promise<void>): void {
  if (cannotMount !== undefined) {
    test.skip(`${label} (${cannotMount})`, () => undefined);
    return;
  }
  test(label, () => withSmallDisk(kilobytes, work), 60_000);
}

async function withSmallDisk(kilobytes: number, work: (disk: string, cwd: string, makeRoom: () => void) => Promise<void>): Promise<void> {
  const cwd = mkdtempSync(join(reference.folder, 'disk-'));
  const disk = join(cwd, 'disk');
  mkdirSync(disk);
  mount(['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk]);
  try {
    await work(disk, cwd, () => mount(['-o', 'remount,size=64m', disk]));
  } finally {
    spawnSync('umount', [disk]);
  }
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount ${args.join(' ')}: ${stderr}`);
}

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-mount-'));
  const may = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
  if (may) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return may;
}
