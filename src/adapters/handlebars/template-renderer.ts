import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Handlebars from 'handlebars';
import { TemplateFaulty, type RenderedWelcome, type TemplateRenderer, type TemplateValues } from '../../ports/template-renderer.ts';
import { standardWelcome } from './standard-welcome.ts';
import { marked, withoutMarks, withSafeLinks } from './links.ts';

/** A template's three files. */
const files = { subject: 'subject.hbs', html: 'body.html.hbs', text: 'body.txt.hbs' } as const;

/**
 * Renders the welcome with Handlebars. Templates know `name`, `email`, `attributes` (`{{attributes.City}}`,
 * `{{attributes.[First Name]}}`) and each attribute by its own name (`{{City}}`), unless that is one of the first three.
 * A variable that the user does not have is an error; `{{lookup attributes "City"}}` is empty instead.
 *
 * In the HTML every value is escaped, and a link whose scheme comes from a value goes to `#` unless it is a web, mail or
 * telephone address. Subject and text take values as they are; the subject is one line.
 */
export class HandlebarsTemplateRenderer implements TemplateRenderer {
  readonly #subject: Template;
  readonly #html: Template;
  readonly #text: Template;

  /** `subject`, `html` and `text` are template sources; `where` says for messages where they come from. Throws TemplateFaulty. */
  constructor(sources: RenderedWelcome, where = '') {
    const path = (file: string) => (where === '' ? file : join(where, file));
    this.#subject = compile(path(files.subject), sources.subject, false);
    this.#html = compile(path(files.html), sources.html, true);
    this.#text = compile(path(files.text), sources.text, false);
  }

  /** The template in a directory: subject.hbs, body.html.hbs and body.txt.hbs. Throws TemplateFaulty. */
  static fromDirectory(directory: string): HandlebarsTemplateRenderer {
    const read = (file: string) => contentOf(resolve(directory), file);
    return new HandlebarsTemplateRenderer({ subject: read(files.subject), html: read(files.html), text: read(files.text) }, directory);
  }

  /** The welcome that ships with Rollcall. */
  static standard(): HandlebarsTemplateRenderer {
    return new HandlebarsTemplateRenderer(standardWelcome);
  }

  render(values: TemplateValues): RenderedWelcome {
    const context = contextOf(values, withoutMarks);
    return {
      subject: this.#subject(context)
        .replace(/[\p{Cc}\s]+/gu, ' ')
        .trim(),
      html: withSafeLinks(this.#html(contextOf(values, marked))),
      text: this.#text(context),
    };
  }
}

type Context = object;
type Template = (context: Context) => string;

function compile(file: string, source: string, escaping: boolean): Template {
  const engine = Handlebars.create();
  const options = { strict: true, noEscape: !escaping, knownHelpersOnly: true, knownHelpers: { log: false } };
  try {
    // Compiling is lazy in Handlebars: precompiling finds what is wrong now.
    engine.precompile(source, options);
    if (escaping) new UnescapedFinder().accept(engine.parse(source));
  } catch (error) {
    throw faulty(file, source, error);
  }
  const template = engine.compile<Context>(source, options);
  return (context) => {
    try {
      return template(context);
    } catch (error) {
      throw faulty(file, source, error, context);
    }
  };
}

/** Throws where a template would put a value into the page unescaped. */
class UnescapedFinder extends Handlebars.Visitor {
  override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
    if (!mustache.escaped) {
      const { line, column } = mustache.loc.start;
      throw Object.assign(new Error('values are always escaped in HTML: write {{…}} instead of {{{…}}}'), { lineNumber: line, column });
    }
    super.MustacheStatement(mustache);
  }
}

/** What a template can use. Objects without a prototype: `{{constructor}}` is as unknown as any other name that no column has. */
function contextOf(values: TemplateValues, as: (value: string) => string): Context {
  const bare = () => Object.create(null, { [Symbol.toPrimitive]: { value: () => '' } }) as Record<string, unknown>;
  const attributes = bare();
  const context = bare();
  for (const [name, value] of Object.entries(values.attributes)) {
    attributes[name] = context[name] = as(value);
  }
  return Object.assign(context, { name: as(values.name), email: as(values.email), attributes });
}

/** The parts of Handlebars' errors that say where. */
interface TemplateError {
  readonly message: string;
  readonly lineNumber?: number;
  readonly column?: number;
}

function faulty(file: string, source: string, error: unknown, context?: Context): TemplateFaulty {
  const { message, lineNumber, column } = error as TemplateError;
  const place = lineNumber === undefined ? file : `${file}, line ${lineNumber}`;
  if (context !== undefined && / not defined in /.test(message)) {
    const expression = source
      .split('\n')
      .at((lineNumber ?? 1) - 1)
      ?.slice(column)
      .split(/[}\s)]/, 1)[0];
    return new TemplateFaulty(`${place}: this user has no {{${expression ?? ''}}}`, {
      cause: error,
      hint: `What there is: ${namesIn(context).join(', ')}. A column becomes a variable when the import keeps it (--keep COLUMN).`,
    });
  }
  return new TemplateFaulty(`${place}: ${message}`, { cause: error, hint: 'Correct the template; its language is Handlebars.' });
}

function namesIn(context: Context): string[] {
  const attributes = 'attributes' in context ? (context.attributes as object) : {};
  const plain = /^[A-Za-z_$][\w$-]*$/;
  return ['name', 'email', ...Object.keys(attributes).map((name) => `attributes.${plain.test(name) ? name : `[${name}]`}`)].map(
    (name) => `{{${name}}}`,
  );
}

function contentOf(directory: string, file: string): string {
  try {
    return readFileSync(join(directory, file), 'utf8');
  } catch (error) {
    const missing = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
    throw new TemplateFaulty(
      missing ? `The template ${directory} has no ${file}` : `The template's ${join(directory, file)} cannot be read`,
      {
        cause: error,
        hint: `A template is a directory with ${Object.values(files).join(', ')}.`,
      },
    );
  }
}
