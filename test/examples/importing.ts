import { CsvRowReader } from '../../src/adapters/csv/row-reader.ts';
import { FileSystemUploadStore } from '../../src/adapters/file-system/upload-store.ts';
import { HapiAddressSyntax } from '../../src/adapters/hapi-address/address-syntax.ts';
import { insertRecords } from '../../src/domain/user-import/insert-records.ts';
import { processCsv } from '../../src/domain/user-import/process-csv.ts';
import { startImport } from '../../src/domain/user-import/start-import.ts';
import type { ImportHead, Progress } from '../../src/ports/import-ledger.ts';
import type { ReadingOptions, RecordBatch, Rejection, User } from '../../src/ports/vocabulary.ts';
import { present } from '../contracts/world.ts';
import { noOptions } from '../domain/plain.ts';
import { MemoryWorld } from '../domain/world.ts';

/** What became of a file. */
export interface Imported {
  readonly head: ImportHead;
  readonly progress: Progress;
  readonly rejections: readonly Rejection[];
  /** In the order of their rows. */
  readonly users: readonly User[];
}

/** Imports a file, as the command does, into a world where only the file, its reader and the syntax of addresses are real. */
export async function importing(path: string, options: ReadingOptions = noOptions): Promise<Imported> {
  const world = new MemoryWorld();
  const { imports, users, clock, records } = world;
  const uploads = new FileSystemUploadStore('no stream is taken');
  const upload = await uploads.takeFile(path);
  const { id } = (await startImport(world, { upload, options, welcome: false, again: false })).head;
  const ports = { imports, uploads, rows: new CsvRowReader(), syntax: new HapiAddressSyntax(), records, clock };
  const limits = { rows: 4, bytes: 100_000 };
  await processCsv(ports, id, 'message', { stop: new AbortController().signal, limits });
  await insertRecords({ users, imports, clock }, await batchesOn(world));

  const kept = await users.list(1_000);
  return {
    head: present(await imports.find(id)),
    progress: await imports.progress(id),
    rejections: await imports.rejections(id, 0, 1_000),
    users: [...kept].sort((one, other) => one.origin.row - other.origin.row),
  };
}

async function batchesOn({ records }: MemoryWorld): Promise<readonly RecordBatch[]> {
  const deliveries = await records.receive(1_000, 0);
  return deliveries.map(({ content }) => {
    if (!content.ours) throw new TypeError(`A batch cannot be read: ${content.why}`);
    return content.message;
  });
}
