// The floor of process-csv: csv-parse over the file, every row, nothing else. node bare-parse.mjs FILE.csv; prints { rows, seconds, cpuSeconds }.
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

const [began, used] = [performance.now(), process.cpuUsage()];
let rows = 0;
const parser = createReadStream(process.argv[2], { highWaterMark: 1 << 18 }).pipe(parse());
parser.on('data', () => (rows += 1));
await new Promise((resolve, reject) => parser.once('end', resolve).once('error', reject));
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ rows: rows - 1, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 }));
