import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Context } from 'hono';
import type { Asset } from './world.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of a folder that the build has made, as `assetsFrom` has them. */
export function assetsOf(folder: string): ReadonlyMap<string, Asset> {
  return assetsFrom(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/**
 * Files by the path at which they are served: `index.html` at `/`, the others by their names under `/assets/`. A name with a hash in it
 * (`console-4F2K7QZD.js`) is that of its content.
 * @param files names, each with its bytes
 */
export function assetsFrom(files: readonly (readonly [name: string, bytes: Uint8Array])[]): ReadonlyMap<string, Asset> {
  return new Map(
    files.flatMap(([name, bytes]) => {
      const contentType = contentTypes[extname(name)];
      if (contentType === undefined) return [];
      const body = new Uint8Array(bytes);
      const etag = `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
      const asset = { contentType, body, gzip: new Uint8Array(gzipSync(body, { level: 9 })), etag, immutable: /-[0-9A-Z]{8}\./.test(name) };
      return [[name === 'index.html' ? '/' : `/assets/${name}`, asset] as const];
    }),
  );
}

/** Answers with the file, compressed where the browser takes that; or with nothing where the browser has it already (RFC 9110, 13.1.2). */
export function assetResponse({ contentType, body, gzip, etag, immutable }: Asset, c: Context): Response {
  const headers = {
    ETag: etag,
    Vary: 'Accept-Encoding',
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  const known = (c.req.header('If-None-Match') ?? '').split(',').some((tag) => tag.trim() === etag);
  if (known) return new Response(null, { status: 304, headers });
  const compressed = /(^|,)\s*gzip\s*(;\s*q=(1|0\.[0-9]*[1-9])[0-9.]*\s*)?(,|$)/i.test(c.req.header('Accept-Encoding') ?? '');
  return new Response(compressed ? gzip : body, {
    headers: { ...headers, 'Content-Type': contentType, ...(compressed && { 'Content-Encoding': 'gzip' }) },
  });
}
