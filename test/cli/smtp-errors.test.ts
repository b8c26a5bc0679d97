import { afterAll, describe, expect } from '@jest/globals';
import { MailServer, ScriptedServer, selfSigned, type Script } from '../adapters/smtp/server.ts';
import { Scratch } from './command.ts';
import { firstThree, others, tryAll, type Check, type Fault } from './faults.ts';

interface Server {
  readonly port: number;
  close(): Promise<void>;
}

const servers: Server[] = [];
const certificate = selfSigned();

/** A folder in which three people were imported and welcomed by SMTP. */
async function welcomedBySmtp(): Promise<Scratch> {
  const scratch = new Scratch();
  scratch.write('first.csv', firstThree);
  scratch.write('others.csv', others);
  const server = await MailServer.start();
  const { code, stderr } = await scratch.run([
    'import',
    'first.csv',
    '--mail',
    `smtp://127.0.0.1:${server.port}`,
    '--from',
    'team@example.com',
  ]);
  await server.close();
  if (code !== 0) throw new Error(`The first import failed: ${stderr}`);
  return scratch;
}

/** Imports three more people through a server of this machine. */
function through(
  label: string,
  start: () => Promise<Server>,
  rest: { readonly scheme?: 'smtps'; readonly env?: Readonly<Record<string, string>> } & Pick<Fault, 'code' | 'stderr' | 'adds' | 'then'>,
): Fault {
  const { scheme = 'smtp', env, ...fault } = rest;
  let port = 0;
  return {
    label,
    ...fault,
    prepare: async () => {
      const server = await start();
      servers.push(server);
      port = server.port;
    },
    args: () => ['import', 'others.csv', '--mail', `${scheme}://127.0.0.1:${port}`, '--from', 'team@example.com', '--json'],
    options: () => ({ env: { ROLLCALL_PATIENCE: '0', ROLLCALL_SMTP_TIMEOUT: '1', ...env } }),
  };
}

const scripted = (script: Script) => () => ScriptedServer.start(script);

async function replying(replies: MailServer['replies']): Promise<MailServer> {
  const server = await MailServer.start();
  server.replies = replies;
  return server;
}

const down = async (): Promise<Server> => {
  const server = await ScriptedServer.start({});
  const { port } = server;
  await server.close();
  return { port, close: () => Promise.resolve() };
};

/** This reply to all but the first one, whatever connection it comes by. */
function afterOne(reply: string): () => string | undefined {
  let heard = 0;
  return () => (++heard > 1 ? reply : undefined);
}

/** Whoever it is: which of them the server took is chance. */
const somebody: unknown = expect.any(String);

/** Once a server works, what is left goes out, and nothing else. */
function sends(...names: readonly unknown[]): Check {
  return async (scratch) => {
    const server = await MailServer.start();
    try {
      const mail = ['--mail', `smtp://127.0.0.1:${server.port}`, '--from', 'team@example.com'];
      const refused = scratch.deadLetters() > 0;
      const { code } = await scratch.run([...(refused ? ['dead-letters', 'redrive'] : ['work']), ...mail]);
      expect(server.received.flatMap(({ to }) => to).sort()).toStrictEqual(
        names.map((name) => (typeof name === 'string' ? `${name}@example.com` : name)),
      );
      expect([code, scratch.kept().welcomed]).toStrictEqual([0, 6]);
    } finally {
      await server.close();
    }
  };
}

/** Whether they arrived is not known, so nothing is sent any more. */
const sendsNothing: Check = async (scratch) => {
  const server = await MailServer.start();
  try {
    const { code, stderr } = await scratch.run([
      'import',
      'others.csv',
      '--mail',
      `smtp://127.0.0.1:${server.port}`,
      '--from',
      'team@example.com',
    ]);
    expect(server.received).toHaveLength(0);
    expect(code).toBe(1);
    expect(stderr).toContain('3 welcomes are uncertain');
  } finally {
    await server.close();
  }
};

const all: readonly Fault[] = [
  through('an SMTP host that takes messages and never answers', scripted({ '.': 'close' }), {
    code: 1,
    stderr: [
      'others.csv: 3 welcomes are uncertain: no answer came from the mail server, or the process that was to send ended.',
      'Each was tried twice and is not tried again, so that nobody gets a third one. Which of them arrived stands in the log of the mail server.',
    ],
    adds: { users: 3, welcomed: 0 },
    then: sendsNothing,
  }),
  through('an SMTP host that is down', down, {
    code: 1,
    stderr: [
      'rollcall: 127.0.0.1:PORT cannot be used: connect ECONNREFUSED 127.0.0.1:PORT',
      'Nothing listens there. Check host and port, and that the mail server runs.',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail smtp://127.0.0.1:PORT --from team@example.com',
    ],
    adds: { users: 3, welcomed: 0 },
    then: sends('dora', 'emil', 'fay'),
  }),
  through('an SMTP host that speaks no TLS', scripted({}), {
    scheme: 'smtps',
    code: 1,
    stderr: [
      'rollcall: 127.0.0.1:PORT cannot be used: wrong version number',
      'Check that the server speaks TLS on this port and that its certificate is valid for this host name. NODE_EXTRA_CA_CERTS names further authorities.',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail smtps://127.0.0.1:PORT --from team@example.com',
    ],
    adds: { users: 3, welcomed: 0 },
    then: sends('dora', 'emil', 'fay'),
  }),
  through('an SMTP host whose certificate nobody vouches for', () => MailServer.start({ secure: true, ...certificate }), {
    scheme: 'smtps',
    code: 1,
    stderr: [
      'rollcall: 127.0.0.1:PORT cannot be used: self-signed certificate',
      'Check that the server speaks TLS on this port and that its certificate is valid for this host name. NODE_EXTRA_CA_CERTS names further authorities.',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail smtps://127.0.0.1:PORT --from team@example.com',
    ],
    adds: { users: 3, welcomed: 0 },
    then: sends('dora', 'emil', 'fay'),
  }),
  through('an SMTP host that refuses the sender', () => replying({ mail: '550 team@example.com may not send here' }), {
    code: 1,
    stderr: [
      'rollcall: 127.0.0.1:PORT refused the sender: 550 team@example.com may not send here',
      'Nothing was sent. Use a sender address (--from) that this server sends mail for, or log in.',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail smtp://127.0.0.1:PORT --from team@example.com',
    ],
    adds: { users: 3, welcomed: 0 },
    then: sends('dora', 'emil', 'fay'),
  }),
  through(
    'an SMTP host that refuses one recipient',
    () => replying({ rcpt: (address) => (address === 'emil@example.com' ? '550 no such user here' : undefined) }),
    {
      code: 1,
      stderr: [
        'others.csv: 1 welcome failed and lies in dead letters:',
        '  emil@example.com: 127.0.0.1:PORT refused the recipient: 550 no such user here',
        'To see it:  rollcall dead-letters',
        'To try again after the mend:  rollcall dead-letters redrive --mail smtp://127.0.0.1:PORT --from team@example.com',
      ],
      adds: { users: 3, welcomed: 2 },
      then: sends('emil'),
    },
  ),
  through(
    'an SMTP host that says 421 in the middle of a batch',
    scripted({ MAIL: (nth) => (nth > 1 ? '421 too many messages' : undefined) }),
    { code: 0, stderr: [], adds: { users: 3, welcomed: 3 } },
  ),
  through('an SMTP host that says 421 in the middle of a batch and from then on', scripted({ MAIL: afterOne('421 too many messages') }), {
    code: 1,
    stderr: [
      'rollcall: 127.0.0.1:PORT takes no mail now: 421 too many messages',
      'The server asks to come back later.',
      'others.csv: 2 welcomes are still to be sent. To send them: rollcall work --mail smtp://127.0.0.1:PORT --from team@example.com',
    ],
    adds: { users: 3, welcomed: 1 },
    then: sends(somebody, somebody),
  }),
  through('an SMTP host that says 421 to all', scripted({ greeting: '421 come back tomorrow' }), {
    code: 1,
    stderr: [
      'rollcall: 127.0.0.1:PORT takes no mail now: 421 come back tomorrow',
      'The server asks to come back later.',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail smtp://127.0.0.1:PORT --from team@example.com',
    ],
    adds: { users: 3, welcomed: 0 },
    then: sends('dora', 'emil', 'fay'),
  }),
  through('an SMTP host that hangs', scripted({ greeting: 'hang' }), {
    code: 1,
    stderr: [
      'rollcall: 127.0.0.1:PORT cannot be used: Greeting never received',
      'Check host, port and network, and whether the port wants TLS from the start (smtps://).',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail smtp://127.0.0.1:PORT --from team@example.com',
    ],
    adds: { users: 3, welcomed: 0 },
    then: sends('dora', 'emil', 'fay'),
  }),
];

describe('mail servers in trouble get a clear error, and what was done stays done', () => {
  afterAll(() => Promise.all(servers.map((server) => server.close())));
  tryAll(all, welcomedBySmtp, 5);
});
