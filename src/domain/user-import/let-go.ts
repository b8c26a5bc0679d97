import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import type { Upload } from '../../ports/vocabulary.ts';
import { allImports } from '../all-imports.ts';

/** The upload need not be kept any longer, unless an import is still to read it: the same bytes may be imported under other options, too. */
export async function letGo(
  ports: { readonly imports: Pick<ImportLedger, 'list'>; readonly uploads: Pick<UploadStore, 'markDone'> },
  upload: Upload,
): Promise<void> {
  for await (const head of allImports(ports.imports)) {
    if (head.state === 'reading' && head.upload.location === upload.location) return;
  }
  await ports.uploads.markDone(upload);
}
