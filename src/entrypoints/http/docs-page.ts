import { problemKinds } from './problems.ts';

/** What the page needs to know of an OpenAPI document. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: unknown;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }>
  >;
}

/** The OpenAPI document as a page for people. It loads nothing but its own style sheet. */
export function docsPage({ info, paths = {}, components = {} }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...(operation as Operation) })),
  );
  const tags = [...new Set(operations.flatMap(({ tags = [] }) => tags))];
  const sections = tags.map(
    (tag) =>
      `<section><h2>${text(tag)}</h2>${operations
        .filter(({ tags = [] }) => tags.includes(tag))
        .map(operationHtml)
        .join('')}</section>`,
  );
  const shapes = Object.entries(components.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="${text(name)}"><summary><code>${text(name)}</code></summary><pre>${text(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  const problems = Object.entries(problemKinds).map(
    ([code, [status, title, hint]]) =>
      `<tr id="problem-${code}"><td><code>/problems/${code}</code></td><td>${status}</td><td>${text(title)}. ${text(hint)}</td></tr>`,
  );
  return page(
    info.title,
    `<h1>${text(info.title)} <small>${text(info.version)}</small></h1>
<p>${text(info.description ?? '')}</p>
<p>For programs: <a href="/openapi.json">openapi.json</a></p>
${sections.join('\n')}
<section><h2>shapes</h2>${shapes.join('\n')}</section>
<section><h2>problems</h2>
<p>What cannot be done is answered by a problem document (RFC 9457). Its <code>type</code> is one of these, and stays what it is.</p>
<table><thead><tr><th>type</th><th>status</th><th>what it means, and what to do</th></tr></thead><tbody>${problems.join('\n')}</tbody></table></section>`,
  );
}

/** A page about one kind of problem. */
export function problemPage(code: keyof typeof problemKinds): string {
  const [status, title, hint] = problemKinds[code];
  return page(title, `<h1>${text(title)}</h1><p>${text(hint)}</p><p>Status ${status}. <a href="/docs">All addresses and problems</a></p>`);
}

/** The style sheet of these pages. */
export const docsStyle = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.5rem; border: 1px solid; }
article { border-top: 1px solid; padding: 0.5rem 0; }
h3 { margin: 0.5rem 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: 0.2rem 1rem 0.2rem 0; }
`;

function operationHtml({
  path,
  method,
  summary = '',
  description = '',
  parameters = [],
  requestBody,
  responses = {},
}: Operation & { readonly path: string; readonly method: string }): string {
  const asked = parameters.map(
    ({ name, in: where, required, description = '', schema }) =>
      `<tr><td><code>${text(name)}</code></td><td>${text(where)}${required ? ', required' : ''}</td><td>${shapeOf(schema)} ${text(description)}</td></tr>`,
  );
  const bodies = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<tr><td><code>${text(type)}</code></td><td>body</td><td>${shapeOf(schema)}</td></tr>`,
  );
  const answers = Object.entries(responses).map(([status, { description = '', content = {} }]) => {
    const shapes = Object.entries(content).map(([type, { schema }]) => `<code>${text(type)}</code> ${shapeOf(schema)}`);
    return `<tr><td>${text(status)}</td><td>${text(description)}</td><td>${shapes.join(', ')}</td></tr>`;
  });
  return `<article><h3><code>${text(method.toUpperCase())} ${text(path)}</code></h3><p>${text(summary)}. ${text(description)}</p>
${asked.length + bodies.length > 0 ? `<table><tbody>${[...asked, ...bodies].join('')}</tbody></table>` : ''}
<table><tbody>${answers.join('')}</tbody></table></article>`;
}

/** A schema in a few words: the name of its shape, or its type. */
function shapeOf(schema: unknown): string {
  const {
    $ref,
    type,
    items,
    enum: values,
  } = (schema ?? {}) as {
    readonly $ref?: string;
    readonly type?: string | readonly string[];
    readonly items?: unknown;
    readonly enum?: readonly unknown[];
  };
  const name = $ref?.split('/').at(-1);
  if (name !== undefined) return `<a href="#${text(name)}">${text(name)}</a>`;
  if (values) return text(values.map(String).join(' | '));
  return type === 'array' ? `list of ${shapeOf(items)}` : text([type ?? ''].flat().join(' | '));
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text(title)}</title><link rel="stylesheet" href="/docs.css"></head>
<body>${body}</body></html>
`;
}

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
