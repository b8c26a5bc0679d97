import { ContainerModule } from 'inversify';
import { CsvRowReader } from '../../adapters/csv/row-reader.ts';
import { CsvRowWriter } from '../../adapters/csv/row-writer.ts';
import { FileSystemUploadSpool } from '../../adapters/file-system/upload-spool.ts';
import { FileSystemUploadStore } from '../../adapters/file-system/upload-store.ts';
import { HapiAddressSyntax } from '../../adapters/hapi-address/address-syntax.ts';
import { tokens } from './tokens.ts';

/** Reading and writing CSV files of this machine. Spooled uploads lie beside the database. */
export function csvModule(spoolFolder: string): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.files).toConstantValue(new FileSystemUploadStore(spoolFolder));
    bind(tokens.uploads).toService(tokens.files);
    bind(tokens.spool).toConstantValue(new FileSystemUploadSpool(spoolFolder));
    bind(tokens.rows).toConstantValue(new CsvRowReader());
    bind(tokens.rowWriter).toConstantValue(new CsvRowWriter());
    bind(tokens.syntax).toConstantValue(new HapiAddressSyntax());
  });
}
