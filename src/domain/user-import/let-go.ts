import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import type { Upload } from '../../ports/vocabulary.ts';

/** The upload need not be kept any longer, unless an import is still to read it: the same bytes may be imported under other options, too. */
export async function letGo(
  ports: { readonly imports: Pick<ImportLedger, 'list'>; readonly uploads: Pick<UploadStore, 'markDone'> },
  upload: Upload,
): Promise<void> {
  for (let before: string | undefined; ;) {
    const heads = await ports.imports.list(page, before);
    if (heads.some((head) => head.state === 'reading' && head.upload.location === upload.location)) return;
    before = heads.at(-1)?.id;
    if (before === undefined) break;
  }
  await ports.uploads.markDone(upload);
}

const page = 100;
