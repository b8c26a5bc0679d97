import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { problemKinds } from '../../src/entrypoints/http/problems.ts';
import { HttpTestWorld, type Json } from './world.ts';

let world: HttpTestWorld;
let document: Json & { readonly paths: Record<string, Record<string, Operation>> };
interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema?: unknown }> }>;
  readonly operationId: string;
  readonly security: readonly unknown[];
}
beforeAll(async () => {
  world = new HttpTestWorld();
  document = (await (
    await world.app({ metrics: async () => ({ contentType: 'text/plain', text: '' }) }).request('/openapi.json')
  ).json()) as typeof document;
});
afterAll(() => world.close());

describe('the OpenAPI document', () => {
  test('passes its linter', async () => {
    const config = await createConfig({ extends: ['recommended'], rules: { 'no-server-example.com': 'off' } });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toStrictEqual([]);
  });

  test('is of version 3.1, and tells every route that the app has', () => {
    expect(document['openapi']).toBe('3.1.0');
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const app = world.app({ metrics: async () => ({ contentType: '', text: '' }) });
    const there = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const pages = ['GET /openapi.json', 'GET /docs', 'GET /docs.css', 'GET /problems/{code}'];
    expect(told.sort()).toStrictEqual(there.filter((route) => !pages.includes(route)).sort());
    expect(told).toContain('GET /imports/{id}/events');
  });

  test('has an operation of one name each, with problems for whatever can go wrong', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, responses } of operations) {
      for (const status of ['400', '401', '429', '503']) {
        expect([operationId, status, Object.keys(responses[status]?.content ?? {})]).toStrictEqual([
          operationId,
          status,
          ['application/problem+json'],
        ]);
      }
    }
  });
});

describe('the pages for people', () => {
  test('tell every route and problem, and load nothing from elsewhere', async () => {
    const app = world.app();
    const page = await (await app.request('/docs')).text();
    for (const path of Object.keys(document.paths)) if (path !== '/metrics') expect(page).toContain(path);
    for (const code of Object.keys(problemKinds)) {
      expect(page).toContain(`/problems/${code}`);
      expect((await app.request(`/problems/${code}`)).status).toBe(200);
    }
    expect(page).not.toMatch(/<script|style=|(src|href)="(https?:)?\/\//);
    expect(await (await app.request('/docs.css')).text()).not.toMatch(/url\(|@import/);
  });
});
