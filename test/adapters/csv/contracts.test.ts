import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { CsvRowReader } from '../../../src/adapters/csv/row-reader.ts';
import { CsvRowWriter } from '../../../src/adapters/csv/row-writer.ts';
import { MemoryRowReader } from '../../../src/adapters/memory/row-reader.ts';
import { MemoryRowWriter } from '../../../src/adapters/memory/row-writer.ts';
import { rowReaderContract } from '../../contracts/row-reader.contract.ts';
import { rowWriterContract } from '../../contracts/row-writer.contract.ts';

const csv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`).join('');

rowReaderContract('CsvRowReader', () => ({
  reader: new CsvRowReader(),
  encode: (rows) => Buffer.from(csv(rows)),
  malformedLine: 'a,"b"c',
}));
rowReaderContract('CsvRowReader on GB18030', () => ({
  reader: new CsvRowReader(),
  encode: (rows) => iconv.encode(csv(rows), 'gb18030'),
  malformedLine: 'a,"b"c',
}));
rowWriterContract('CsvRowWriter', () => ({
  writer: new CsvRowWriter(),
  reader: new CsvRowReader(),
  readElsewhere: (bytes) => parse(bytes, { bom: true, relax_column_count: true, record_delimiter: ['\r\n'] }),
}));

rowReaderContract('MemoryRowReader', () => ({
  reader: new MemoryRowReader(),
  encode: (rows) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
  malformedLine: '["a", 1]',
}));
rowWriterContract('MemoryRowWriter', () => ({
  writer: new MemoryRowWriter(),
  reader: new MemoryRowReader(),
  readElsewhere: (bytes) =>
    bytes
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line)),
}));
