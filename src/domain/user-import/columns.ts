import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { ColumnPlan, Refusal } from '../../ports/import-ledger.ts';
import type { ReadingOptions } from '../../ports/vocabulary.ts';
import { readAddressCell } from './address.ts';
import { restored } from './formula.ts';

/** The columns that a file of rejects has after the original ones. */
export const rejectsColumns: readonly string[] = ['row', 'column', 'code', 'reason'];

/**
 * Header names that are understood, the likeliest first; compared without case, with `_`, `-` and `.` as spaces, and without a remark in
 * brackets behind them. Google's contacts come with `E-mail 1 - Value`, and the users of its Workspace with `Email Address [Required]`.
 */
export const synonyms = {
  email: [
    'email',
    'e mail',
    'email address',
    'e mail address',
    'mail',
    'mail address',
    '邮箱',
    '电子邮件',
    '电子邮箱',
    '邮箱地址',
    '邮件地址',
    'e mail 1 value',
  ],
  name: ['name', 'full name', 'fullname', 'display name', '姓名', '名字'],
  first: ['first name', 'firstname', 'given name', 'forename', '名'],
  last: ['last name', 'lastname', 'surname', 'family name', '姓'],
} as const;

/**
 * Decides what the columns of a file mean.
 * @param first the values of the file's first row
 * @returns the plan, or why the file as a whole is refused
 */
export function planColumns(first: readonly string[], options: ReadingOptions, syntax: AddressSyntax): ColumnPlan | Refusal {
  const header = isHeader(first, syntax) ? first : undefined;
  const names = header?.map(normalised);
  const rejects = header !== undefined && isRejects(header);
  const width = rejects ? first.length - rejectsColumns.length : first.length;
  const context: Columns = { first, names: names?.slice(0, width), width };

  const email = options.map.email === undefined ? guessEmail(context, syntax) : chosen(context, options.map.email, 'email');
  if (typeof email !== 'number') return email;
  const name = options.map.name === undefined ? guessName(context, email) : chosen(context, options.map.name, 'name');
  if (isRefusal(name)) return name;
  const nameColumns = typeof name === 'number' ? [name] : name;
  const keep = keptColumns(context, options.keep, new Set([email, ...nameColumns]));
  if (isRefusal(keep)) return keep;
  return { ...(header && { header }), email, name: nameColumns, keep, ...(rejects && { rejects }) };
}

/** Tells a refusal from a plan. */
export function isRefusal(value: object | number): value is Refusal {
  return typeof value === 'object' && 'message' in value;
}

/** The column as a person knows it: its name in the header, else its number counted from 1. */
export function columnLabel(plan: ColumnPlan, index: number): string {
  const label = plan.header?.[index]?.trim();
  return label === undefined || label === '' ? `column ${index + 1}` : label;
}

/** The number of a data row, counted from 1; the header is none. */
export function rowNumber(plan: ColumnPlan, ordinal: number): number {
  return plan.header ? ordinal : ordinal + 1;
}

/** The value of a cell, trimmed; in a file of our rejects, as it was before it was made harmless. Absent cells are empty. */
export function cellValue(plan: ColumnPlan, cells: readonly string[], index: number): string {
  const cell = cells[index] ?? '';
  return (plan.rejects ? restored(cell) : cell).trim();
}

/** A person's name out of its parts: Chinese family and given names stand together without a space. */
export function joinName(parts: readonly string[]): string {
  const given = parts.filter((part) => part !== '');
  const cjk = given.every((part) => /^\p{Script=Han}+$/u.test(part));
  return given.join(cjk ? '' : ' ');
}

interface Columns {
  readonly first: readonly string[];
  readonly names: readonly string[] | undefined;
  readonly width: number;
}

function isHeader(first: readonly string[], syntax: AddressSyntax): boolean {
  return !first.some((cell) => holdsAddress(cell, syntax));
}

function holdsAddress(cell: string, syntax: AddressSyntax): boolean {
  return cell.includes('@') && syntax.check(readAddressCell(cell).address).deliverable;
}

function isRejects(header: readonly string[]): boolean {
  const last = header.slice(-rejectsColumns.length);
  return header.length > rejectsColumns.length && rejectsColumns.every((column, index) => last[index] === column);
}

function normalised(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_.\-\uFEFF]+/g, ' ')
    .trim();
}

function withoutRemark(name: string): string {
  return name.replace(/ ?\[[^[\]]*\]$/, '');
}

function position(names: readonly string[], wanted: readonly string[]): number | undefined {
  const plain = names.map(withoutRemark);
  for (const name of wanted) {
    const index = plain.indexOf(name);
    if (index >= 0) return index;
  }
  return undefined;
}

function guessEmail({ first, names }: Columns, syntax: AddressSyntax): number | Refusal {
  const index = names ? position(names, synonyms.email) : first.findIndex((cell) => holdsAddress(cell, syntax));
  if (index !== undefined) return index;
  return {
    code: 'no-address-column',
    message: `No column of e-mail addresses was found. The header is: ${listed(first)}.`,
    hint: `Name the column ${listed(synonyms.email)}, or say which one it is: --map email=COLUMN (a name or a number).`,
  };
}

function guessName({ names, width }: Columns, email: number): readonly number[] {
  if (!names) return width > 1 ? [email === 0 ? 1 : 0] : [];
  const whole = position(names, synonyms.name);
  if (whole !== undefined) return [whole];
  const [first, last] = [position(names, synonyms.first), position(names, synonyms.last)];
  const eastern = withoutRemark(names[last ?? -1] ?? '') === '姓';
  return (eastern ? [last, first] : [first, last]).filter((index) => index !== undefined);
}

function chosen(columns: Columns, wanted: string, field: string): number | Refusal {
  const index = find(columns, wanted);
  if (index !== undefined) return index;
  return unknownColumn(columns, `--map ${field}=${wanted}`, wanted);
}

function find({ names, width }: Columns, wanted: string): number | undefined {
  const named = names?.indexOf(normalised(wanted)) ?? -1;
  if (named >= 0) return named;
  const index = /^\d+$/.test(wanted) ? Number(wanted) - 1 : -1;
  return index >= 0 && index < width ? index : undefined;
}

function unknownColumn({ first, names, width }: Columns, option: string, wanted: string): Refusal {
  return {
    code: 'unknown-column',
    message: `${option}: there is no column "${wanted}". ${names ? `The header is: ${listed(first.slice(0, width))}.` : `The file has no header, and ${width} columns.`}`,
    hint: names ? 'Use one of these names, or a number counted from 1.' : `Use a number from 1 to ${width}.`,
  };
}

function keptColumns(columns: Columns, wanted: readonly string[], taken: ReadonlySet<number>): ColumnPlan['keep'] | Refusal {
  const indexes = new Set<number>();
  for (const column of wanted) {
    if (column === '*') for (let index = 0; index < columns.width; index++) indexes.add(index);
    else {
      const index = find(columns, column);
      if (index === undefined) return unknownColumn(columns, `--keep ${column}`, column);
      indexes.add(index);
    }
  }
  const all = wanted.includes('*');
  const kept = [...indexes].filter((index) => !all || !taken.has(index)).sort((a, b) => a - b);
  const used = new Set<string>();
  return kept.map((index) => ({ index, as: uniqueName(columns, index, used) }));
}

function uniqueName({ first, names }: Columns, index: number, used: Set<string>): string {
  const label = (names && first[index]?.trim()) || `column ${index + 1}`;
  let name = label;
  for (let n = 2; used.has(name); n++) name = `${label} (${n})`;
  used.add(name);
  return name;
}

/** At most a dozen of the words, quoted. */
function listed(words: readonly string[]): string {
  const shown = words.slice(0, 12).map((word) => `"${word.length > 40 ? `${word.slice(0, 40)}…` : word}"`);
  return shown.join(', ') + (words.length > shown.length ? ` and ${words.length - shown.length} more` : '');
}
