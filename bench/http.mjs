#!/usr/bin/env node
// npm run bench:http: prints the figures of the HTTP API and writes them to reports/bench-http.json.
//   npm run bench:http                         everything, at 1,000,000 rows, medians of 5 turns
//   npm run bench:http -- json --seconds 10 --turns 3
//   npm run bench:http -- stream | watchers
import { benchJson } from './http/json.mjs';
import { benchStream } from './http/stream.mjs';
import { benchWatchers } from './http/watchers.mjs';
import { report } from './report.mjs';

const defaults = { rows: '1000000', turns: '5', rate: '200', seconds: '20', watchers: '50' };

await report('bench-http', defaults, {
  json: { run: benchJson },
  stream: { run: benchStream },
  watchers: { run: benchWatchers },
});
