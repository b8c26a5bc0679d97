// The floor of the API's benchmark: the same libraries parse the same body and answer 202, and do nothing else.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
app.post('/imports', async (c) => {
  const { users } = await c.req.json();
  return c.json({ users: users.length }, 202);
});
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(`http://127.0.0.1:${port}`));
process.once('SIGINT', () => {
  server.close();
  server.closeAllConnections();
});
