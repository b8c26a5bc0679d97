import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { HttpApp } from './route.ts';

/** A server that answers. */
export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Takes no more requests, and resolves when those that are under way are answered; what takes longer than `graceMs` is cut off. */
  close(graceMs: number): Promise<void>;
}

/** How long a sender may take, in milliseconds: to send its headers, to send all of a file, and to be silent amid it. */
const patience = { headersMs: 15_000, requestMs: 3_600_000, silenceMs: 60_000, keepAliveMs: 10_000 };

/** Connections at once. */
const mostConnections = 2_000;

/** Serves the app from this process. @throws what listening raises, such as EADDRINUSE */
export async function serveApp(app: HttpApp, host: string, port: number): Promise<RunningServer> {
  const listener = getRequestListener(app.fetch);
  const server = createServer(
    {
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      keepAliveTimeout: patience.keepAliveMs,
      maxHeaderSize: 16_384,
    },
    (request, response) => void listener(request, response),
  );
  server.maxConnections = mostConnections;
  server.timeout = patience.silenceMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address, port: taken } = server.address() as AddressInfo;
  return { host: address, port: taken, close: (graceMs) => closed(server, graceMs) };
}

/** Who sent a request, as far as the connection tells. */
export function clientOf(env: unknown): string {
  const { incoming } = env as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? 'unknown';
}

function closed(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const overdue = setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection whose last request is answered would be kept for the next one.
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    server.close((error) => {
      clearTimeout(overdue);
      clearInterval(idle);
      if (error) reject(error);
      else resolve();
    });
  });
}
