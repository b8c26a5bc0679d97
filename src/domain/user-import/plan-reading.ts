import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { ReadingPlan, Refusal } from '../../ports/import-ledger.ts';
import type { RowReader } from '../../ports/row-reader.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import type { ReadingOptions, Upload } from '../../ports/vocabulary.ts';
import { isRefusal, planColumns } from './columns.ts';
import { rulesVersion } from './import.ts';

/** How large a batch may get: a matter of the queue it travels on. */
export interface BatchLimits {
  readonly rows: number;
  /** Once encoded. */
  readonly bytes: number;
}

/** Why a file without rows is refused. */
export const emptyFile: Refusal = {
  code: 'empty-file',
  message: 'The file holds no rows.',
  hint: 'A CSV file begins with a header such as: name,email',
};

export interface PlanningPorts {
  readonly uploads: Pick<UploadStore, 'open'>;
  readonly rows: RowReader;
  readonly syntax: AddressSyntax;
}

/** Looks at the beginning of an upload and decides how all of it is read, or why it is refused. */
export async function planReading(
  ports: PlanningPorts,
  upload: Upload,
  options: ReadingOptions,
  limits: BatchLimits,
): Promise<ReadingPlan | Refusal> {
  const wanted = { ...(options.encoding && { encoding: options.encoding }), ...(options.delimiter && { delimiter: options.delimiter }) };
  const dialect = await ports.rows.detect(ports.uploads.open(upload, 0), wanted);
  for await (const block of ports.rows.read(ports.uploads.open(upload, 0), dialect)) {
    const [first] = block.rows;
    if (!first) continue;
    const columns = planColumns(first.cells, options, ports.syntax);
    return isRefusal(columns) ? columns : { rules: rulesVersion, dialect, columns, batchRows: limits.rows, batchBytes: limits.bytes };
  }
  return emptyFile;
}
