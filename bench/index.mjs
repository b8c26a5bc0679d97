#!/usr/bin/env node
// npm run bench: prints the figures and writes them to reports/bench.json.
//   npm run bench                          everything, at 1,000,000 rows, medians of 5 turns
//   npm run bench -- import --rows 10000000 --turns 1
//   npm run bench -- welcomes | first-mail
import { benchFirstMail } from './first-mail.mjs';
import { benchImport } from './import.mjs';
import { report } from './report.mjs';
import { benchWelcomes } from './welcomes.mjs';

await report(
  'bench',
  { rows: '1000000', turns: '5', mails: '20000' },
  {
    'first-mail': { as: 'firstMail', run: benchFirstMail },
    welcomes: { run: ({ mails: count, ...rest }) => benchWelcomes({ ...rest, count }) },
    import: {
      run: async (given) => {
        const figures = [];
        for (const order of ['sequential', 'random']) figures.push(await benchImport({ ...given, order }));
        return figures;
      },
    },
  },
);
