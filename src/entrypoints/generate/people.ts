import { brokenAddresses, cities, domains, formulas, nameStyles } from './words.ts';

/** The columns of a generated file. */
export const header = 'name,email,city';

/**
 * A CSV file (RFC 4180, UTF-8, lines end with LF) of `count` people who do not exist, as chunks of text: the same text for the
 * same arguments. Every clean row has an address of its own. About `dirtyPercent` of the rows are such as people's files have:
 * doubled or missing or broken addresses, empty names, ragged rows, newlines in cells, formulas, and more.
 *
 * @param count how many rows below the header, a whole number from 0 on. Blank lines, which are no rows, come on top.
 * @param seed a whole number: another one gives other people.
 * @param dirtyPercent from 0 to 100.
 */
export function* people(count: number, seed: number, dirtyPercent: number): Generator<string> {
  let chunk = `${header}\n`;
  for (let row = 0; row < count; row += 1) {
    chunk += line(row, seed, dirtyPercent);
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** The people of the clean rows, as values. */
export function* persons(count: number, seed: number): Generator<Person> {
  for (let row = 0; row < count; row += 1) yield person(row, seed);
}

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly city: string;
}

/** What the dirt of a row can be, each about as often as the others. */
const dirts: readonly ((row: number, seed: number) => string)[] = [
  // Not one person more:
  (row, seed) => text({ ...person(row, seed), email: earlier(row, seed).email }),
  (row, seed) => text({ ...person(row, seed), email: shout(earlier(row, seed).email) }),
  (row, seed) => text(earlier(row, seed)),
  // To be rejected:
  (row, seed) => text({ ...person(row, seed), email: '' }),
  (row, seed) => text({ ...person(row, seed), email: pick(brokenAddresses, mix(row, seed, 5)) }),
  (row, seed) => text({ ...person(row, seed), name: '' }),
  (row, seed) => `${person(row, seed).name}\n`,
  // Odd, and still a person:
  (row, seed) => `${text(person(row, seed)).trimEnd()},,more than there are columns\n`,
  (row, seed) => text({ ...person(row, seed), name: breakLine(person(row, seed).name) }),
  (row, seed) => text({ ...person(row, seed), name: pick(formulas, mix(row, seed, 6)) }),
  (row, seed) => text({ ...person(row, seed), email: `${person(row, seed).name.replace(/["<>,]/g, '')} <${person(row, seed).email}>` }),
  (row, seed) => text({ ...person(row, seed), name: `Dr. "${person(row, seed).name}", PhD` }),
  (row, seed) => text({ ...person(row, seed), email: `  ${shout(person(row, seed).email)} ` }),
  (row, seed) => `\n${text(person(row, seed))}`,
];

const chunkLength = 64 * 1024;

function line(row: number, seed: number, dirtyPercent: number): string {
  const dirty = dirtyPercent > 0 && mix(row, seed, 1) < (dirtyPercent / 100) * 2 ** 32;
  return dirty ? pick(dirts, mix(row, seed, 2))(row, seed) : text(person(row, seed));
}

/** Who stands in a row: told from its number alone, so that any row can speak of any other. */
function person(row: number, seed: number): Person {
  const dice = mix(row, seed, 3);
  // Half of the names are of the first style, as in files where one language is at home.
  const style = pick(nameStyles, dice & 1 ? 0 : dice >>> 1);
  const [given, givenAscii] = pick(style.given, dice >>> 4);
  const [family, familyAscii] = pick(style.family, dice >>> 10);
  return {
    name: style.order === 'family-first' ? family + given : `${given} ${family}`,
    // The row's number makes the address unique: no word ends with a digit.
    email: `${givenAscii}.${familyAscii}${row + 1}@${pick(domains, dice >>> 16)}`,
    city: pick(cities, dice >>> 20),
  };
}

/** Somebody from a row above; the row's own person where there is none. */
function earlier(row: number, seed: number): Person {
  return person(row === 0 ? 0 : mix(row, seed, 4) % row, seed);
}

function text({ name, email, city }: Person): string {
  return `${cell(name)},${cell(email)},${city}\n`;
}

/** A cell, in quotes where it needs them (RFC 4180). */
function cell(value: string): string {
  return /[",\n]/.test(value) || value.startsWith(' ') ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A name on two lines. */
function breakLine(name: string): string {
  return name.includes(' ') ? name.replace(' ', '\n') : name.replace(/^./u, '$&\n');
}

/** The same address in other case. */
function shout(address: string): string {
  return address.slice(0, 1).toUpperCase() + address.slice(1, 3) + address.slice(3).toUpperCase();
}

function pick<T>(list: readonly T[], number: number): T {
  return list[number % list.length] as T;
}

/** 32 bits that look like chance and are told from the row, the seed and the purpose alone (the finisher of MurmurHash3). */
function mix(row: number, seed: number, purpose: number): number {
  let bits = Math.imul(row, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca77) ^ Math.imul(Math.floor(seed / 2 ** 32) + purpose, 0xc2b2ae3d);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
