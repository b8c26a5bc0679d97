import { describe, expect, test } from '@jest/globals';
import { TemplateFaulty, type RenderedWelcome, type TemplateRenderer } from '../../src/ports/template-renderer.ts';

/** The templates of the suite, each in the technology's own language. */
export interface RendererFixtures {
  /** Subject, HTML and text that hold the name, the address and the attribute `City`, in this order, between `|`. */
  readonly everything: TemplateRenderer;
  /** The HTML uses an attribute `Missing`. */
  readonly unknownVariable: TemplateRenderer;
}

const person = { name: 'Ann', email: 'ann@example.com', attributes: { City: 'Oslo' } };

/** What every renderer promises. */
export function templateRendererContract(label: string, fixtures: RendererFixtures): void {
  describe(`TemplateRenderer: ${label}`, () => {
    const render = (name: string): RenderedWelcome => fixtures.everything.render({ ...person, name });

    test('puts name, address and attributes into all three', () => {
      const welcome = render('Ann');
      for (const part of [welcome.subject, welcome.html, welcome.text]) expect(part.split('|')).toEqual(['Ann', 'ann@example.com', 'Oslo']);
    });

    test('escapes values in the HTML and only there', () => {
      const hostile = `<script>alert("1")</script> & 'Co'`;
      const welcome = render(hostile);
      expect(welcome.html).not.toMatch(/<script|"1"|'Co'/);
      expect(welcome.html).toContain('&lt;script&gt;');
      expect(welcome.text.split('|')[0]).toBe(hostile);
      expect(welcome.subject.split('|')[0]).toBe(hostile);
    });

    test('makes the subject one line, and keeps every letter', () => {
      expect(render('王\r\nBcc: x@example.com\t小\u0000明').subject).toMatch(/^王 Bcc: x@example\.com 小 ?明\|/);
    });

    test('does not read values as templates', () => {
      expect(render('{{email}}').text.split('|')[0]).toBe('{{email}}');
    });

    test('gives the same for the same, and keeps nothing of one user for the next', () => {
      const first = render('Ann');
      render('Somebody else');
      expect(render('Ann')).toEqual(first);
    });

    test('tells of a variable that the user does not have, and of those that there are', () => {
      const failure = failureOf(() => fixtures.unknownVariable.render(person));
      expect(failure).toBeInstanceOf(TemplateFaulty);
      expect(failure.message).toContain('Missing');
      expect(failure.hint).toMatch(/name.*email.*City/);
    });
  });
}

function failureOf(run: () => unknown): TemplateFaulty {
  try {
    run();
  } catch (error) {
    return error as TemplateFaulty;
  }
  throw new Error('nothing was thrown');
}
