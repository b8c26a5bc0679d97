/** One attribute's value as DynamoDB, its streams and Lambda's events write it; of the kinds that are used here. */
interface Value {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly BOOL?: boolean | undefined;
}

/** An item, or its image in a stream. */
export type Item = Readonly<Record<string, Value | undefined>>;

/** A table holds an item of a shape that was never written by these adapters. */
export class ItemMalformed extends Error {
  readonly code = 'item-malformed';
  readonly hint: string;

  constructor(attribute: string, kind: string) {
    super(`The item's attribute ${attribute} is missing, or no ${kind}.`);
    this.name = 'ItemMalformed';
    this.hint = 'Something else wrote it: find it by that attribute (a scan with a filter), and mend or delete it.';
  }
}

/** @throws ItemMalformed */
export function textIn(item: Item, attribute: string): string {
  const text = item[attribute]?.S;
  if (text === undefined) throw new ItemMalformed(attribute, 'text');
  return text;
}

/** @throws ItemMalformed */
export function numberIn(item: Item, attribute: string): number {
  const number = Number(item[attribute]?.N ?? Number.NaN);
  if (Number.isNaN(number)) throw new ItemMalformed(attribute, 'number');
  return number;
}

/** @throws ItemMalformed */
export function flagIn(item: Item, attribute: string): boolean {
  const flag = item[attribute]?.BOOL;
  if (flag === undefined) throw new ItemMalformed(attribute, 'flag');
  return flag;
}

/** What the text holds as JSON. @throws ItemMalformed */
export function jsonIn(item: Item, attribute: string): unknown {
  const text = textIn(item, attribute);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ItemMalformed(attribute, 'JSON');
  }
}

/** A whole number with leading zeros, so that texts sort as numbers do. */
export function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
