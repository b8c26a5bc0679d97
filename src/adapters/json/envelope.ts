import * as z from 'zod';
import type { Decoded } from '../../ports/codec.ts';

/** The version of all our messages. A change that an older reader would misread raises it. */
const version = 1;

/** A JSON object that says what it is: `{"v":1,"kind":…, …}`, with a strict schema for the rest. */
export class Envelope<Shape extends z.ZodRawShape> {
  readonly kind: string;
  readonly #schema: z.ZodObject<Shape, z.core.$strict>;

  constructor(kind: string, shape: Shape) {
    this.kind = kind;
    this.#schema = z.strictObject(shape);
  }

  seal(content: z.output<z.ZodObject<Shape, z.core.$strict>>): string {
    const text = JSON.stringify({ v: version, kind: this.kind, ...content });
    return text.replace(noncharacters, escaped);
  }

  /**
   * The message that `read` makes of the content, or why the text is not one of ours; `read` answers with a string where it finds a fault.
   * No reason ever quotes the text: it may hold people's data.
   */
  open<T extends object>(text: string, read: (content: z.output<z.ZodObject<Shape, z.core.$strict>>) => T | string): Decoded<T> {
    const notOurs = (why: string): Decoded<T> => ({ ours: false, text, why });
    const value = parse(text);
    if (!isObject(value)) return notOurs('it is not a JSON object');
    const { v, kind, ...rest } = value;
    if (typeof v !== 'number' || typeof kind !== 'string') return notOurs('it does not say which version and kind of message it is');
    if (kind !== this.kind) return notOurs(`it is not a message of the kind "${this.kind}"`);
    if (v !== version) return notOurs(`it is of version ${v}, and this Rollcall understands version ${version}`);
    const content = this.#schema.safeParse(rest);
    if (!content.success) return notOurs(explain(content.error));
    const message = read(content.data);
    return typeof message === 'string' ? notOurs(message) : { ours: true, message };
  }
}

/** The only characters of a JSON text that are none of XML (XML 1.0, 2.2): queues such as SQS take no text with them. */
const noncharacters = /[\ufffe\uffff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // As good as any JSON that is no object: it is not ours.
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'the message' : `"${issue.path.join('.')}"`;
  return `${place} is not as it should be (${issue?.code ?? 'unknown'})`;
}
