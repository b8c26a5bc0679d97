import { isAscii } from 'node:buffer';

/** The encodings that are detected, by their names in the WHATWG Encoding Standard. Others can be asked for. */
export const detectedEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'gb18030', 'shift_jis'] as const;

/**
 * The lower-case name of an encoding by any of its labels (https://encoding.spec.whatwg.org/#names-and-labels) or a common other name;
 * `undefined` where there is no such encoding. GBK and GB2312 are read as GB18030, which contains them. ISO-2022-JP is left out:
 * in it a line end does not end what came before.
 */
export function encodingByLabel(label: string): string | undefined {
  const wanted = label.trim().toLowerCase();
  const name = otherNames[wanted] ?? standardName(wanted);
  if (name === 'gbk') return 'gb18030';
  return name === 'iso-2022-jp' ? undefined : name;
}

/**
 * Bytes as text. An incomplete character at the end is left out unless `whole`.
 * @throws TypeError where `fatal` and the bytes are not text in the encoding
 */
export function decode(bytes: Uint8Array, encoding: string, options: { readonly fatal: boolean; readonly whole: boolean }): string {
  if (encoding === 'windows-1252') return decodeWindows1252(bytes);
  return new TextDecoder(encoding, { fatal: options.fatal, ignoreBOM: true }).decode(bytes, { stream: !options.whole });
}

/** Whether the bytes are text in the encoding; an incomplete character at the end does not count unless `whole`. */
export function isText(bytes: Uint8Array, encoding: string, whole: boolean): boolean {
  try {
    decode(bytes, encoding, { fatal: true, whole });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}

/** How many bytes a line end takes: two where the encoding's unit is two bytes. */
export function unitOf(encoding: string): 1 | 2 {
  return encoding === 'utf-16le' || encoding === 'utf-16be' ? 2 : 1;
}

const otherNames: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  cp936: 'gb18030',
  utf16: 'utf-16le',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
};

function standardName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (codeOf(error) === 'ERR_ENCODING_NOT_SUPPORTED') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/**
 * 0x80 to 0x9F of windows-1252 (https://encoding.spec.whatwg.org/index-windows-1252.txt). Some releases of Node 20 to 23
 * decode it as ISO-8859-1, so it is done here.
 */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function decodeWindows1252(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const latin1 = buffer.toString('latin1');
  return isAscii(buffer) ? latin1 : latin1.replace(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80] as string);
}
