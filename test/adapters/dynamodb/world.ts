import {
  CreateTableCommand,
  DeleteTableCommand,
  paginateScan,
  type AttributeValue,
  type DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { DynamoDatabase } from '../../../src/adapters/dynamodb/database.ts';
import { tables } from '../../../src/adapters/dynamodb/tables.ts';
import { MemoryRandom } from '../../../src/adapters/memory/random.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { SystemIds } from '../../../src/adapters/system/ids.ts';
import type { World } from '../../contracts/world.ts';
import type { DynamoDBLocal } from './local.ts';

let worlds = 0;

/** Tables of its own on DynamoDB Local, which go when the world is closed. */
export class DynamoWorld implements World {
  readonly local: DynamoDBLocal;
  readonly clock = new SystemClock();
  readonly ids = new SystemIds();
  readonly db: DynamoDatabase;
  readonly names: { readonly users: string; readonly imports: string; readonly welcomes: string };
  readonly #clients: DynamoDBClient[] = [];

  /** With these tables made. */
  static async of(local: DynamoDBLocal, ...made: readonly (keyof typeof tables)[]): Promise<DynamoWorld> {
    const world = new DynamoWorld(local);
    for (const table of made) await world.#make(table);
    world.#made = made;
    return world;
  }

  #made: readonly (keyof typeof tables)[] = [];

  private constructor(local: DynamoDBLocal) {
    this.local = local;
    worlds += 1;
    this.names = { users: `world-${worlds}-users`, imports: `world-${worlds}-imports`, welcomes: `world-${worlds}-welcomes` };
    this.db = this.connect();
  }

  /** One more client, as another process has it. */
  connect(settings: DynamoDBClientConfig = {}): DynamoDatabase {
    const client = this.local.client(settings);
    this.#clients.push(client);
    return new DynamoDatabase(client, { clock: this.clock, random: new MemoryRandom(this.#clients.length) });
  }

  /** Makes a table anew, empty. */
  async remake(table: keyof typeof tables): Promise<void> {
    await this.db.client.send(new DeleteTableCommand({ TableName: this.names[table] }));
    await this.#make(table);
  }

  /** All items of a table, read behind the adapter. */
  async items(table: keyof typeof tables): Promise<readonly Record<string, AttributeValue>[]> {
    const items: Record<string, AttributeValue>[] = [];
    for await (const page of paginateScan({ client: this.db.client }, { TableName: this.names[table], ConsistentRead: true })) {
      items.push(...(page.Items ?? []));
    }
    return items;
  }

  now(): number {
    return this.clock.now();
  }

  advance(ms: number): Promise<void> {
    return this.clock.sleep(ms);
  }

  async close(): Promise<void> {
    for (const table of this.#made) await this.db.client.send(new DeleteTableCommand({ TableName: this.names[table] }));
    for (const client of this.#clients) client.destroy();
  }

  async #make(table: keyof typeof tables): Promise<void> {
    await this.db.client.send(new CreateTableCommand({ ...tables[table], TableName: this.names[table] }));
  }
}

/** The world with further members, which keep their own `this`. */
export function withPorts<T extends object>(world: DynamoWorld, ports: T): T & World {
  return { ...ports, now: () => world.now(), advance: (ms) => world.advance(ms), close: () => world.close() };
}
