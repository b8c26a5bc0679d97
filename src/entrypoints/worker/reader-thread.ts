import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { failureOf } from '../../adapters/thread/remote.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { readerWorld, type ReaderData } from '../composition/reader-thread.ts';
import { tokens } from '../composition/tokens.ts';
import { runLane } from './lane.ts';
import type { FromReader } from './reader.ts';

/**
 * The thread that reads: process-csv over the ports that the owner of the database serves. The first message to it says which
 * these are, any further one asks it to stop.
 */
if (!parentPort) throw new Error('This is a worker thread, and no program.');
const owner = parentPort;
const [data] = (await once(owner, 'message')) as [ReaderData];
const stop = new AbortController();
owner.once('message', () => stop.abort());

const tell = (message: FromReader): void => owner.postMessage(message);

/** Log lines go through the owner, so that there is one writer of the log. */
const telemetry: Telemetry = {
  debug: (event, facts) => tell({ level: 'debug', event, facts }),
  info: (event, facts) => tell({ level: 'info', event, facts }),
  warn: (event, facts) => tell({ level: 'warn', event, facts }),
  error: (event, error, facts) => tell({ level: 'error', event, error, facts }),
  count: (event, value, facts) => tell({ level: 'count', event, value, facts }),
};

const world = readerWorld(data, telemetry);
const ports = {
  clock: world.get(tokens.clock),
  random: world.get(tokens.random),
  telemetry,
  heard: (_: string, trouble: Error | undefined) => tell({ level: 'heard', trouble: trouble && failureOf(trouble) }),
};
await runLane(ports, world.get(tokens.uploadSource), world.get(tokens.processCsv), { most: 1 }, stop.signal);
data.channel.close();
