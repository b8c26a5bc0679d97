import type { ImportWishes } from '../../ports/upload-tickets.ts';
import type { Upload } from '../../ports/vocabulary.ts';
import type { ImportRequest } from './start-import.ts';

/** The import of an upload as it was wished for: what was not said is as usual. An upload that was imported before stays so. */
export function requestOf(upload: Upload, wishes: ImportWishes): ImportRequest {
  const { welcome = true, encoding, delimiter, map = {}, keep = [], onExisting = 'skip' } = wishes;
  const options = { ...(encoding !== undefined && { encoding }), ...(delimiter !== undefined && { delimiter }), map, keep, onExisting };
  return { upload, options, welcome, again: false };
}
