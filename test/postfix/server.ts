import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A mail as it lies in the mailbox. */
export interface Delivered {
  /** Without its angle brackets. */
  readonly messageId: string;
  /** Whom the server delivered it to. */
  readonly to: string;
}

/** Why Postfix cannot be started here, or nothing. It switches users, so it wants root; the test wants a Postfix that a package installed. */
export function whyNoPostfix(): string | undefined {
  const folders = ['/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)];
  if (!folders.some((folder) => existsSync(join(folder, 'postfix')))) return 'Postfix is not installed: apt-get install postfix';
  return process.getuid?.() === 0 ? undefined : 'Postfix is started by root alone';
}

/**
 * Debian's Postfix as an instance of the test's own: its configuration, queue, data and log lie in one folder, it listens on one port of
 * this machine, and delivers all mail for example.com into one Maildir. Nothing outside of that folder is changed (postconf(5), master(5)).
 */
export class Postfix {
  readonly port: number;
  readonly #folder: string;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /** Starts one that asks a policy server about every recipient. @param policyPort where that listens on this machine */
  static async start(policyPort: number): Promise<Postfix> {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-postfix-'));
    chmodSync(folder, 0o755);
    const { uid, gid } = await nobody();
    for (const name of ['etc', 'mail', 'spool']) mkdirSync(join(folder, name));
    chownSync(join(folder, 'mail'), uid, gid);
    // After a death its start-up finds the rest of a mail and says so in the log, as a user who may not make that file.
    writeFileSync(join(folder, 'log'), '');
    chmodSync(join(folder, 'log'), 0o666);
    const postfix = new Postfix(folder, await freePort());
    writeFileSync(join(folder, 'etc/main.cf'), mainCf(folder, policyPort, uid, gid));
    writeFileSync(join(folder, 'etc/master.cf'), masterCf(postfix.port));
    await postfix.startAgain();
    return postfix;
  }

  /** Starts it after a stop or a death. Resolves when it listens. */
  async startAgain(): Promise<void> {
    try {
      await this.#postfix('start');
    } catch (error) {
      throw new Error(`Postfix did not start: ${this.log()}`, { cause: error });
    }
  }

  /** Stops it, and its sessions where they are. Resolves when no process of it is left. */
  stop(): Promise<void> {
    return this.#postfix('stop');
  }

  /** Kills all its processes at once, by SIGKILL. Resolves when it listens no more. */
  async die(): Promise<void> {
    // Its master leads the process group of all of them.
    process.kill(-Number(readFileSync(join(this.#folder, 'spool/pid/master.pid'), 'utf8')), 'SIGKILL');
    while (await this.isRunning()) await pause(10);
  }

  async isRunning(): Promise<boolean> {
    try {
      await this.#postfix('status');
      return true;
    } catch {
      return false;
    }
  }

  /** All mails that were delivered, once its queue is empty. */
  async delivered(): Promise<readonly Delivered[]> {
    while (this.#queued() > 0) await pause(20);
    const inbox = join(this.#folder, 'mail/all/new');
    return existsSync(inbox) ? readdirSync(inbox).map((name) => readMail(readFileSync(join(inbox, name), 'utf8'))) : [];
  }

  /** What it says about itself. */
  log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  /** Stops it if it runs, and removes its folder. */
  async remove(): Promise<void> {
    if (await this.isRunning()) await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** How many mails it has taken and not delivered yet. Their files are executable: one that is not is the rest of a session that was killed. */
  #queued(): number {
    const queues = ['incoming', 'active', 'deferred'].map((name) => join(this.#folder, 'spool', name));
    const entries = queues.flatMap((queue) => readdirSync(queue, { recursive: true, withFileTypes: true }));
    const stats = entries.map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }));
    return stats.filter((found) => found !== undefined && found.isFile() && (found.mode & 0o100) !== 0).length;
  }

  async #postfix(command: string): Promise<void> {
    await run('postfix', ['-c', join(this.#folder, 'etc'), command], { env: { PATH: `/usr/sbin:/usr/bin:/sbin:/bin` } });
  }
}

const run = promisify(execFile);

/** Sessions end with 421 after four commands that were refused. All of it goes without waiting: a real server slows down who makes mistakes. */
const mainCf = (folder: string, policyPort: number, uid: number, gid: number): string => `
compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
myhostname = mail.example.com
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
notify_classes =
virtual_mailbox_domains = example.com
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${gid}
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:${policyPort}
smtpd_hard_error_limit = 4
smtpd_error_sleep_time = 0
in_flow_delay = 0
`;

/** No service in a changed root, which would have to be filled first. */
const masterCf = (port: number): string => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;

function readMail(text: string): Delivered {
  const [, messageId] = /^Message-ID: <(.+)>$/im.exec(text) ?? [];
  const [, to] = /^Delivered-To: (.+)$/im.exec(text) ?? [];
  if (messageId === undefined || to === undefined) throw new Error(`A mail has no Message-ID or no Delivered-To: ${text.slice(0, 500)}`);
  return { messageId, to };
}

/** The user to whom nothing belongs: mailboxes must not be root's (virtual(8)). */
async function nobody(): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'nobody'])).stdout)));
  return { uid: uid as number, gid: gid as number };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
