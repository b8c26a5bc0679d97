import { docsPage, docsStyle, problemPage, type ApiDocument } from './docs-page.ts';
import { HttpProblem, isProblemCode } from './problems.ts';
import type { HttpApp } from './route.ts';
import { json } from './answers.ts';

const html = { 'Content-Type': 'text/html; charset=utf-8' };

/** The OpenAPI document of the app's routes, and the same for people. To be called when all routes are there. */
export function addDocsRoutes(app: HttpApp, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description:
      'The token of the server, or one of its OpenID Connect issuer. Not needed where the server is reached on its own machine alone.',
  });
  // Made when it is first asked for: most starts of the server need it never.
  let kept: ApiDocument | undefined;
  const document = (): ApiDocument => (kept ??= documentOf(app, version));
  app.get('/openapi.json', () => json(document()));
  app.get('/docs', () => new Response(docsPage(document()), { headers: html }));
  app.get('/docs.css', () => new Response(docsStyle, { headers: { 'Content-Type': 'text/css; charset=utf-8' } }));
  app.get('/problems/:code', (c) => {
    const code = c.req.param('code');
    if (!isProblemCode(code)) throw new HttpProblem('not-found');
    return new Response(problemPage(code), { headers: html });
  });
}

function documentOf(app: HttpApp, version: string): ApiDocument {
  const document: object = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Rollcall',
      version,
      description:
        'Imports users from CSV files or JSON: each gets an account and one welcome e-mail, and you can see what became of every row.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'imports', description: 'Files and users that are imported, and what became of each row.' },
      { name: 'users', description: 'The accounts, and the welcomes that they got.' },
      { name: 'dead letters', description: 'What could not be done, and doing it again.' },
      { name: 'server', description: 'How the server itself does.' },
    ],
  });
  return document as ApiDocument;
}
