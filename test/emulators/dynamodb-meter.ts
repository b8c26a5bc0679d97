import { Agent, createServer, request as requestOf, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Tally } from './tally.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Stands before DynamoDB Local, passes everything on, and counts requests and units as DynamoDB bills them on demand (DynamoDB Developer Guide,
 * "DynamoDB on-demand capacity mode"). What the emulator tells of a request is taken from it; it tells nothing of statements and of what
 * failed, so those are counted by their size: a write whose condition failed costs as one that was written.
 *
 * A statement that updates counts by what it sets: exact as long as its whole item is below 1 KB (`largestItem` tells).
 */
export class DynamoMeter {
  /** How long a request waits before it is passed on, in milliseconds. */
  latencyMs = 0;
  /** Statements are answered as done, and not passed on: then the emulator's own slowness holds up nobody. */
  instant = false;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #tally: Tally;

  private constructor(upstream: string, tally: Tally) {
    this.#upstream = new URL(upstream);
    this.#tally = tally;
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(upstream: string, tally: Tally): Promise<DynamoMeter> {
    const meter = new DynamoMeter(upstream, tally);
    await new Promise<void>((resolve) => meter.#server.listen(0, '127.0.0.1', resolve));
    return meter;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#agent.destroy();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    const sent = JSON.parse((await bytesOf(request)).toString()) as Json;
    if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    if (this.instant && operation === 'BatchExecuteStatement') {
      const statements = sent['Statements'] as readonly Statement[];
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ Responses: statements.map(() => ({})) }));
      return;
    }
    const asked = tellsUnits.test(operation) ? { ...sent, ReturnConsumedCapacity: 'TOTAL' } : sent;
    const { status, headers, body } = await this.#ask(request, Buffer.from(JSON.stringify(asked)));
    this.#count(operation, sent, status, JSON.parse(body.toString()) as Json);
    response.writeHead(status, headers).end(body);
  }

  #ask(
    { headers, method, url }: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: Json & Record<string, string>; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#upstream;
      const onward = { hostname, port, method, path: url, agent: this.#agent, headers: { ...headers, 'content-length': body.length } };
      const request = requestOf(onward, (answer) => {
        bytesOf(answer).then(
          (bytes) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers as Record<string, string>, body: bytes }),
          reject,
        );
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  #count(operation: string, sent: Json, status: number, answer: Json): void {
    if (operation === 'BatchExecuteStatement') {
      this.#tally.add(`DynamoDB ${operation}`);
      for (const statement of sent['Statements'] as readonly Statement[])
        this.#tally.add(`write units: ${promiseOf(statement)}`, unitsOf(statement), 0);
      return;
    }
    const consumed = [answer['ConsumedCapacity'] ?? []].flat() as readonly { readonly CapacityUnits?: number }[];
    const isWrite = /^(Put|Update|Delete|Transact)/.test(operation);
    const units = status === 200 ? consumed.reduce((sum, { CapacityUnits: some = 0 }) => sum + some, 0) : isWrite ? leastUnits(sent) : 0;
    this.#tally.add(`DynamoDB ${operation}`);
    if (isWrite) this.#tally.add('write units: accounting', units, 0);
    else this.#tally.add('read units', units, 0);
  }
}

const tellsUnits = /^(Put|Update|Delete|Get|BatchGet|TransactWrite|TransactGet)Items?$|^(Query|Scan)$/;

interface Statement {
  readonly Statement: string;
  readonly Parameters: readonly Json[];
}

/** What a statement's write is for. */
function promiseOf({ Statement: text, Parameters: values }: Statement): 'insert' | 'claim' | 'confirm' {
  if (!text.includes('userId')) return 'insert';
  return values.some(({ S }) => S === 'claimed') ? 'claim' : 'confirm';
}

/** By the names and values that it writes (DynamoDB Developer Guide, "DynamoDB item sizes and formats"). */
function unitsOf({ Statement: text, Parameters: values }: Statement): number {
  const names = [...text.matchAll(/['"](\w+)['"](?::|=)/g)].reduce((sum, [, name = '']) => sum + name.length, 0);
  return Math.max(1, Math.ceil((names + values.reduce((sum, value) => sum + sizeOf(value), 0)) / 1024));
}

/** The size of an item in bytes; of the kinds of values that are used here. */
export function itemSize(item: Readonly<Record<string, unknown>>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + sizeOf(value as Json), 0);
}

/** A number takes at most a byte for two digits, and one more. */
function sizeOf({ S, N }: Json): number {
  if (typeof S === 'string') return Buffer.byteLength(S);
  return typeof N === 'string' ? Math.ceil(N.length / 2) + 1 : 1;
}

/** What a write costs at least that failed: a unit an item, or two in a transaction. */
function leastUnits(sent: Json): number {
  const items = sent['TransactItems'] as readonly unknown[] | undefined;
  return items ? 2 * items.length : 1;
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
