import { execFileSync, spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * Runs the tests of a file on a DynamoDB Local of its own, which starts before them and ends after them. Without Java they are
 * skipped, and it says so; with CI=true they fail then.
 */
export function onDynamoDBLocal(tests: (local: () => DynamoDBLocal) => void): void {
  if (process.env['CI'] !== 'true' && spawnSync('java', ['-version']).error) {
    process.stderr.write(
      'Skipped: DynamoDB Local needs Java, and there is none. Install a Java 17 runtime, such as openjdk-17-jre-headless.\n',
    );
    test.skip('on DynamoDB Local, which needs Java', () => undefined);
    return;
  }
  // It does some thousand writes a second on a machine that does nothing else.
  jest.setTimeout(60_000);
  describe('on DynamoDB Local', () => {
    let running: DynamoDBLocal | undefined;
    beforeAll(async () => {
      running = await DynamoDBLocal.start();
    }, 120_000);
    afterAll(() => running?.stop());
    tests(() => {
      if (!running) throw new Error('DynamoDB Local runs only while tests run.');
      return running;
    });
  });
}

/** Amazon's emulator, all in memory, in a process of its own. */
export class DynamoDBLocal {
  readonly settings: DynamoDBClientConfig & { readonly endpoint: string };
  readonly #process: ChildProcessWithoutNullStreams;

  private constructor(java: ChildProcessWithoutNullStreams, port: number) {
    this.#process = java;
    this.settings = {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'anybody', secretAccessKey: 'anything' },
    };
  }

  static async start(): Promise<DynamoDBLocal> {
    const script = join(import.meta.dirname, '../../../tools/dynamodb-local.mjs');
    const folder = execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim();
    const port = await freePort();
    const java = spawn('sh', ['-c', untilStandardInputEnds, String(port)], { cwd: folder });
    const said: string[] = [];
    for (const stream of [java.stdout, java.stderr]) stream.on('data', (part: Buffer) => said.push(part.toString()));
    let failure: Error | undefined;
    java.once('error', (error) => (failure = error));
    java.once('exit', (code) => (failure = new Error(`DynamoDB Local ended with ${code}: ${said.join('')}`)));
    while (!(await isListening(port))) {
      if (failure) throw failure;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return new DynamoDBLocal(java, port);
  }

  client(settings: DynamoDBClientConfig = {}): DynamoDBClient {
    return new DynamoDBClient({ ...this.settings, ...settings });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
      this.#process.stdin.end();
    });
  }
}

/** The emulator ends with whoever started it, even if that one is killed: its standard input ends then. */
const untilStandardInputEnds = `
  exec 3<&0
  (cat <&3 >/dev/null; kill -9 $$) &
  exec java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.library.path=./DynamoDBLocal_lib \\
    -jar DynamoDBLocal.jar -inMemory -port "$0" 3<&-`;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy()).once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
}
