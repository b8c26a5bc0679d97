import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noOptions } from '../domain/plain.ts';
import { importing, type Imported } from './importing.ts';
import { HandlebarsTemplateRenderer } from '../../src/adapters/handlebars/template-renderer.ts';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));

/** The columns of the README's table that are checked: all but the words about what is in the file. */
interface Line {
  readonly file: string;
  readonly encoding: string;
  readonly delimiter: string;
  readonly lineEnds: string;
  readonly rows: string;
  readonly inserted: string;
  readonly duplicates: string;
  readonly rejected: string;
}

const lines = tableIn(readFileSync(join(folder, 'README.md'), 'utf8'));

describe('the table of examples', () => {
  test('has a line for every file, and no other', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.csv'));
    expect(lines.map(({ file }) => file).sort()).toStrictEqual(files.map((file) => file.replaceAll('\\', '/')).sort());
  });

  test.each(lines)('says of $file what becomes of it', async (line) => {
    expect(line).toStrictEqual(lineOf(line.file, await importing(join(folder, line.file))));
  });

  test('is right that no address is in two files', async () => {
    const keys = await Promise.all(lines.map(async ({ file }) => (await importing(join(folder, file))).users.map(({ key }) => key)));
    expect(new Set(keys.flat()).size).toBe(keys.flat().length);
  });
});

describe('people of the examples', () => {
  test.each<[string, readonly (readonly [address: string, name: string])[]]>([
    [
      'messy-everyday.csv',
      [
        ['mary.major@example.com', 'Mary Major'],
        ['richard.roe@example.org', 'Roe, Richard'],
        ['john.smith@example.net', 'John "Jack" Smith'],
        ['sum@example.com', '=1+1'],
        ['MARIO.ROSSI@EXAMPLE.ORG', 'Mario Rossi'],
        ['kim@xn--bcher-kva.example.com', 'Kim Example'],
      ],
    ],
    [
      'messy-damaged.csv',
      [
        ['andre@example.com', 'André Example'],
        ['zoe@example.com', 'Zoé Example'],
        ['noel@example.com', 'Noël Éxample'],
      ],
    ],
    [
      'messy-semicolon-windows-1252.csv',
      [
        ['joerg.mueller@example.com', 'Jörg Müller'],
        ['aase.sorensen@example.org', 'Åse Sørensen'],
        ['jose.nunez@example.net', 'José Nuñez; Ruiz'],
        ['CHLOE@example.com', 'Chloé D’Été'],
      ],
    ],
    [
      'messy-tab-utf-16le.csv',
      [
        ['zoe.example@example.org', 'Zoë Example'],
        ['lukasz@example.com', 'Łukasz Przykładowy'],
        ['olena@example.net', 'Олена Приклад'],
      ],
    ],
    [
      'messy-cr-utf-16be.csv',
      [
        ['li.si@example.com', '李四'],
        ['wang.wu@example.org', '王五'],
      ],
    ],
    [
      'messy-chinese-gb18030.csv',
      [
        ['zhang.wei@example.com', '张伟'],
        ['ouyang.na@example.org', '欧阳娜'],
        ['wang.xi@example.net', '王㐂'],
      ],
    ],
    [
      'messy-pipe-shift-jis.csv',
      [
        ['hanako@example.com', '山田花子'],
        ['porter@example.org', 'ポーター 例'],
        ['ichiro@example.net', '例|一郎'],
      ],
    ],
    [
      'messy-no-header.csv',
      [
        ['grace@example.com', 'Grace Example'],
        ['heidi@example.org', 'Heidi Example'],
        ['ivy@example.net', 'Ivy Example'],
      ],
    ],
  ])('in %s are read as they were meant', async (file, expected) => {
    const { users } = await importing(join(folder, file));
    expect(users.map(({ address, name }) => [address, name])).toStrictEqual(expected);
  });
});

describe('the template of the examples', () => {
  const template = HandlebarsTemplateRenderer.fromDirectory(join(folder, 'template'));

  test('makes a welcome for everyone in people.csv, with the city that was kept', async () => {
    const { users } = await importing(join(folder, 'people.csv'), { ...noOptions, keep: ['city'] });
    expect(users).toHaveLength(12);
    for (const { name, address, attributes = {} } of users) {
      const welcome = template.render({ name, email: address, attributes });
      expect(welcome.subject).toBe(`Welcome, ${name}: say hello to ${attributes['city']}`);
      for (const body of [welcome.html, welcome.text]) {
        expect(body).toContain(name);
        expect(body).toContain(address);
        expect(body).toContain(attributes['city']);
      }
    }
  });

  test('says nothing of the city where a row has none', () => {
    const { subject, html, text } = template.render({ name: 'Jane Doe', email: 'jane.doe@example.com', attributes: { city: '' } });
    expect(subject).toBe('Welcome, Jane Doe');
    expect(html).not.toContain('Others in');
    expect(text).toBe('Hello Jane Doe,\n\nyour account is ready. You sign in as jane.doe@example.com.\n');
  });
});

/** The lines of the Markdown table whose first cell is a file. */
function tableIn(markdown: string): readonly Line[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      const [, file = '', , encoding = '', delimiter = '', lineEnds = '', rows = '', inserted = '', duplicates = '', rejected = ''] = cells;
      return { file: file.slice(1, -1), encoding, delimiter, lineEnds, rows, inserted, duplicates, rejected };
    });
}

/** The line that is true of a file. */
function lineOf(file: string, { head, progress, rejections }: Imported): Line {
  const { plan, refusal } = head;
  const lineEnds = lineEndsOf(readFileSync(join(folder, file)), plan?.dialect.encoding);
  if (!plan) {
    return { file, encoding: '', delimiter: '', lineEnds, rows: '', inserted: '', duplicates: '', rejected: refusal?.code ?? '' };
  }
  const { encoding, bom, delimiter } = plan.dialect;
  const { inserted, duplicates, rejected } = progress;
  return {
    file,
    encoding: bom > 0 ? `${encoding} with BOM` : encoding,
    delimiter: delimiter === '\t' ? 'tab' : `\`${delimiter.replace('|', '\\|')}\``,
    lineEnds,
    rows: String(inserted + duplicates + rejected),
    inserted: String(inserted),
    duplicates: String(duplicates),
    rejected: rejections.map(({ row, code }) => `${row} ${code}`).join(', ') || 'none',
  };
}

/** Every kind of line end in the file. */
function lineEndsOf(bytes: Buffer, encoding = 'utf-8'): string {
  const found = new TextDecoder(encoding).decode(bytes).match(/\r\n|\r|\n/g) ?? [];
  return [...new Set(found)].map((end) => ({ '\r\n': 'CRLF', '\r': 'CR', '\n': 'LF' })[end]).join(', ');
}
