import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HandlebarsTemplateRenderer } from '../../../src/adapters/handlebars/template-renderer.ts';
import { TemplateFaulty } from '../../../src/ports/template-renderer.ts';
import { templateRendererContract } from '../../contracts/template-renderer.contract.ts';

const all = '{{name}}|{{email}}|{{attributes.City}}';

templateRendererContract('handlebars', {
  everything: new HandlebarsTemplateRenderer({ subject: all, html: all, text: all }),
  unknownVariable: new HandlebarsTemplateRenderer({ subject: '', html: '{{attributes.Missing}}', text: '' }),
});

const person = { name: 'Ann', email: 'ann@example.com', attributes: { City: 'Oslo', 'First Name': 'Ann', Empty: '' } };

describe('HandlebarsTemplateRenderer, variables', () => {
  test.each([
    ['{{City}}', 'Oslo'],
    ['{{attributes.[First Name]}}', 'Ann'],
    ['{{[First Name]}}', 'Ann'],
    ['[{{Empty}}]', '[]'],
    ['{{#if Empty}}yes{{else}}no{{/if}}', 'no'],
    ['{{#if City}}in {{City}}{{/if}}', 'in Oslo'],
    ['{{#if Missing}}yes{{else}}no{{/if}}', 'no'],
    ['[{{lookup attributes "Missing"}}]', '[]'],
    ['{{#each attributes}}{{@key}}={{this}};{{/each}}', 'City=Oslo;First Name=Ann;Empty=;'],
    ['{{#with attributes}}{{City}}{{/with}}', 'Oslo'],
  ])('%s gives %s, in HTML and in text', (source, expected) => {
    const welcome = new HandlebarsTemplateRenderer({ subject: source, html: source, text: source }).render(person);
    expect(welcome).toEqual({ subject: expected, html: expected, text: expected });
  });

  test('lets no column stand in for name, email or attributes', () => {
    const source = '{{name}} {{email}} {{attributes.name}}';
    const attributes = { name: 'column', email: 'column', attributes: 'column' };
    expect(new HandlebarsTemplateRenderer({ subject: source, html: '', text: '' }).render({ ...person, attributes }).subject).toBe(
      'Ann ann@example.com column',
    );
  });

  test.each(['constructor', '__proto__', 'toString', 'attributes.constructor', 'attributes.__proto__', 'hasOwnProperty', 'this.valueOf'])(
    'does not know %s, which every object has',
    (name) => {
      for (const part of ['subject', 'html', 'text'] as const) {
        const renderer = new HandlebarsTemplateRenderer({ subject: '', html: '', text: '', [part]: `{{${name}}}` });
        expect(() => renderer.render(person)).toThrow(TemplateFaulty);
      }
    },
  );

  test('takes columns of any name as columns', () => {
    const attributes = JSON.parse('{"__proto__":"p","constructor":"c"}') as Record<string, string>;
    const source = '{{attributes.__proto__}}{{attributes.constructor}}';
    expect(new HandlebarsTemplateRenderer({ subject: source, html: '', text: '' }).render({ ...person, attributes }).subject).toBe('pc');
  });
});

describe('HandlebarsTemplateRenderer, faults', () => {
  const sources = { subject: 'Hello', html: '<p>', text: 'Hello' };

  test('name file, line and variable, and list what there is', () => {
    const renderer = new HandlebarsTemplateRenderer({ ...sources, text: 'Hello\n\nin {{attributes.Town}}' }, 'my-template');
    const failure = failureOf(() => renderer.render(person));
    expect(failure.message).toBe('my-template/body.txt.hbs, line 3: this user has no {{attributes.Town}}');
    expect(failure.hint).toBe(
      'What there is: {{name}}, {{email}}, {{attributes.City}}, {{attributes.[First Name]}}, {{attributes.Empty}}. ' +
        'A column becomes a variable when the import keeps it (--keep COLUMN).',
    );
  });

  test.each([
    ['subject', '{{#if name}}', 'subject.hbs'],
    ['html', 'a\n{{name', 'body.html.hbs'],
    ['text', 'a\n{{shout name}}', 'body.txt.hbs, line 2'],
    ['text', '{{log name}}', 'body.txt.hbs, line 1'],
    ['html', '\n{{{name}}}', 'body.html.hbs, line 2'],
    ['html', '{{#if name}}{{&name}}{{/if}}', 'body.html.hbs, line 1'],
  ])('of %s %j are found before anything is rendered', (part, source, place) => {
    const failure = failureOf(() => new HandlebarsTemplateRenderer({ ...sources, [part]: source }));
    expect(failure).toBeInstanceOf(TemplateFaulty);
    expect(failure.message.startsWith(`${place}: `)).toBe(true);
    expect(failure.hint).toContain('Handlebars');
  });
});

describe('HandlebarsTemplateRenderer, links', () => {
  const link = (html: string, value: string) =>
    new HandlebarsTemplateRenderer({ subject: '', html, text: '' }).render({ ...person, attributes: { Url: value } }).html;

  test.each([
    'https://example.com/?a=1&b=2#c',
    'http://example.com',
    'HTTPS://example.com',
    ' https://example.com',
    'mailto:ann@example.com',
    'tel:+123',
    '/path',
    'path?x=y:z',
    '#part',
    '//example.com/',
  ])('leaves %s as it is', (url) => {
    const escaped = url.replaceAll('&', '&amp;').replaceAll('=', '&#x3D;');
    expect(link('<a href="{{Url}}">x</a>', url)).toBe(`<a href="${escaped}">x</a>`);
  });

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    '\u0001javascript:alert(1)',
    'java\tscript:alert(1)',
    'java\nscript:alert(1)',
    'javascript&colon;alert(1)',
    'javascript&#58;alert(1)',
    'javascript&#x3a;alert(1)',
    '&#106;avascript:alert(1)',
    'java\uFDD0script:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:x',
    'cid:x',
  ])('sends %j nowhere, however it is quoted', (url) => {
    const unquoted = url.trim().split(/[\s\u0001]/)[0] === url;
    expect(link('<a href="{{Url}}">x</a>', url)).toBe('<a href="#">x</a>');
    expect(link("<a HREF = '{{Url}}'>x</a>", url)).toBe('<a HREF = "#">x</a>');
    if (unquoted) expect(link('<a href={{Url}}>x</a>', url)).toBe('<a href="#">x</a>');
    expect(link('<img src="{{Url}}"><form action="{{Url}}">', url)).toBe('<img src="#"><form action="#">');
  });

  test.each([
    ['<a href="java{{Url}}">', 'script:alert(1)', '<a href="#">'],
    ['<a href="{{Url}}:alert(1)">', 'javascript', '<a href="#">'],
    ['<a href="{{#if Url}}{{Url}}{{/if}}">', 'javascript:alert(1)', '<a href="#">'],
    ['<a href="https://example.com/{{Url}}">', 'javascript:1', '<a href="https://example.com/javascript:1">'],
    ['<a href="/{{Url}}">', 'a:b', '<a href="/a:b">'],
    ['<p title="{{Url}}">{{Url}}</p>', 'javascript:1', '<p title="javascript:1">javascript:1</p>'],
    ['<img src="data:image/gif;base64,R0"> {{Url}}', 'x', '<img src="data:image/gif;base64,R0"> x'],
    ['<a href="app:open">{{Url}}</a>', 'x', '<a href="app:open">x</a>'],
  ])('of %s with %j give %s', (html, value, expected) => {
    expect(link(html, value)).toBe(expected);
  });
});

describe('HandlebarsTemplateRenderer.fromDirectory', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rollcall-template-'));
    await writeFile(join(directory, 'subject.hbs'), 'Hello {{name}}\n');
    await writeFile(join(directory, 'body.html.hbs'), '<p>{{name}}');
    await writeFile(join(directory, 'body.txt.hbs'), 'Hi {{name}}');
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  test('takes the three files', () => {
    expect(HandlebarsTemplateRenderer.fromDirectory(directory).render(person)).toEqual({
      subject: 'Hello Ann',
      html: '<p>Ann',
      text: 'Hi Ann',
    });
  });

  test.each(['subject.hbs', 'body.html.hbs', 'body.txt.hbs'])('says that %s is missing', async (file) => {
    await rm(join(directory, file));
    const failure = failureOf(() => HandlebarsTemplateRenderer.fromDirectory(directory));
    expect(failure.message).toBe(`The template ${directory} has no ${file}`);
    expect(failure.hint).toBe('A template is a directory with subject.hbs, body.html.hbs, body.txt.hbs.');
  });

  test('says which directory does not exist', () => {
    expect(failureOf(() => HandlebarsTemplateRenderer.fromDirectory('/no/such/place')).message).toBe(
      'The template /no/such/place has no subject.hbs',
    );
  });
});

describe('the standard welcome', () => {
  const welcome = (name: string) => HandlebarsTemplateRenderer.standard().render({ name, email: 'ann@example.com', attributes: {} });

  test('greets by name and names the account, in HTML and in text alike', () => {
    const { subject, html, text } = welcome('王小明');
    expect(subject).toBe('Welcome, 王小明');
    for (const part of [html.replace(/\s+/g, ' '), text]) {
      expect(part).toContain('Welcome, 王小明!');
      expect(part).toContain('ann@example.com');
    }
  });

  test('escapes names', () => {
    expect(welcome('<script>alert(1)</script>').html).not.toContain('<script>');
  });

  test('loads nothing from anywhere and tracks nobody', () => {
    expect(welcome('Ann').html).not.toMatch(/https?:|\bsrc=|@import|url\(|<link|<script|<img/i);
  });

  test('goes out as it is written: ASCII, in lines of at most 76 columns', () => {
    const { subject, html, text } = welcome('Ann');
    for (const part of [subject, html, text]) {
      expect(part).toMatch(/^[\n -~]*$/);
      expect(Math.max(...part.split('\n').map((line) => line.length))).toBeLessThanOrEqual(76);
    }
  });
});

function failureOf(run: () => unknown): TemplateFaulty {
  try {
    run();
  } catch (error) {
    return error as TemplateFaulty;
  }
  throw new Error('nothing was thrown');
}
