/** A format that is not text, and what to do with it. */
export interface BinaryFormat {
  readonly name: string;
  readonly hint: string;
}

/** The format whose signature the bytes start with, if it is one that people take for a table or hand in by mistake. */
export function binaryFormat(bytes: Uint8Array): BinaryFormat | undefined {
  return signatures.find(({ start }) => start.every((byte, index) => bytes[index] === byte));
}

/** Whether more than one character in ten is a control character, as in no text; a NUL here and there is a matter of its row. */
export function looksBinary(text: string): boolean {
  const controls = text.match(/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/g)?.length ?? 0;
  const broken = text.match(/\ufffd/g)?.length ?? 0;
  return controls > 2 && (controls + broken) * 10 > text.length;
}

const exportIt = 'Open it in its program, save or export it as CSV, and import that.';
const unpackIt = 'Unpack it and import the CSV file in it.';
const giveTable = 'Give a CSV file.';

const signatures: readonly (BinaryFormat & { readonly start: readonly number[] })[] = [
  {
    name: 'a spreadsheet or another ZIP archive',
    hint: 'Open it in the spreadsheet program and save it as CSV, or unpack it if it is an archive; then import that.',
    start: [0x50, 0x4b, 0x03, 0x04],
  },
  { name: 'a spreadsheet or document of an old Office format', hint: exportIt, start: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1] },
  { name: 'a SQLite database', hint: exportIt, start: [...Buffer.from('SQLite format 3\0')] },
  { name: 'a PDF document', hint: giveTable, start: [...Buffer.from('%PDF-')] },
  { name: 'a PNG image', hint: giveTable, start: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'a JPEG image', hint: giveTable, start: [0xff, 0xd8, 0xff] },
  { name: 'a GIF image', hint: giveTable, start: [...Buffer.from('GIF8')] },
  { name: 'a program', hint: giveTable, start: [0x7f, 0x45, 0x4c, 0x46] },
  { name: 'a gzip archive', hint: unpackIt, start: [0x1f, 0x8b] },
  { name: 'a bzip2 archive', hint: unpackIt, start: [...Buffer.from('BZh')] },
  { name: 'an xz archive', hint: unpackIt, start: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'a Zstandard archive', hint: unpackIt, start: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'a 7z archive', hint: unpackIt, start: [0x37, 0x7a, 0xbc, 0xaf] },
  { name: 'a RAR archive', hint: unpackIt, start: [...Buffer.from('Rar!')] },
  { name: 'UTF-32 text, which is not read', hint: 'Save it as UTF-8 and import that.', start: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-32 text, which is not read', hint: 'Save it as UTF-8 and import that.', start: [0x00, 0x00, 0xfe, 0xff] },
];
