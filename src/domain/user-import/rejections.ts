import type { RowFlaw } from '../../ports/row-reader.ts';

/** Every reason for which a row is rejected. The codes are stable: people filter by them. */
export type RejectionCode = RowFlaw | 'missing-address' | 'invalid-address' | 'missing-name' | 'name-too-long' | 'record-too-large';

/** What is wrong with the row and what to do, in one sentence. `detail` is the fact behind it. */
export function rejectionReason(code: RejectionCode, detail = ''): string {
  return sentences[code](detail);
}

const sentences: Readonly<Record<RejectionCode, (detail: string) => string>> = {
  'row-too-large': () => 'The row is over 1 MiB; shorten it, or look for a quote that is missing before it.',
  'unclosed-quote': () => 'A quote is opened on this line and never closed; close it, or double it if it belongs to the text.',
  'stray-quote': () => 'A closing quote is followed by other text; double the quotes that belong to the text.',
  'undecodable-bytes': () =>
    'Some of its bytes are no text in the encoding of the file; save the file as UTF-8, or name its encoding with --encoding.',
  'missing-address': () => 'There is no e-mail address; fill it in.',
  'invalid-address': (detail) => `This is no e-mail address that mail can be sent to: ${detail}; correct it.`,
  'missing-name': () => 'There is no name; fill it in.',
  'nul-byte': () => 'The row holds a NUL byte, so the file may be damaged here; remove it or export the file again.',
  'name-too-long': (detail) => `The name is ${detail} characters long, and at most 256 are taken; shorten it.`,
  'record-too-large': () => 'The row is over 64 KiB with the columns that are kept; shorten it, or keep fewer columns.',
};
