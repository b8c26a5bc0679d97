import { expect, test } from '@jest/globals';
import { rejectionReason } from '../../../src/domain/user-import/rejections.ts';

test.each([
  ['row-too-large', undefined, 'The row is over 1 MiB; shorten it, or look for a quote that is missing before it.'],
  ['unclosed-quote', undefined, 'A quote is opened on this line and never closed; close it, or double it if it belongs to the text.'],
  ['stray-quote', undefined, 'A closing quote is followed by other text; double the quotes that belong to the text.'],
  [
    'undecodable-bytes',
    undefined,
    'Some of its bytes are no text in the encoding of the file; save the file as UTF-8, or name its encoding with --encoding.',
  ],
  ['missing-address', undefined, 'There is no e-mail address; fill it in.'],
  ['invalid-address', 'it is too odd', 'This is no e-mail address that mail can be sent to: it is too odd; correct it.'],
  ['missing-name', undefined, 'There is no name; fill it in.'],
  ['nul-byte', undefined, 'The row holds a NUL byte, so the file may be damaged here; remove it or export the file again.'],
  ['name-too-long', '300', 'The name is 300 characters long, and at most 256 are taken; shorten it.'],
  ['name-too-long', undefined, 'The name is  characters long, and at most 256 are taken; shorten it.'],
  ['record-too-large', undefined, 'The row is over 64 KiB with the columns that are kept; shorten it, or keep fewer columns.'],
] as const)('%s (%s)', (code, detail, sentence) => {
  expect(rejectionReason(code, detail)).toBe(sentence);
});
