/**
 * npm run crash: kills real processes of the command at seeded moments, starts them again, and compares what comes of it with an
 * undisturbed run. Exits with 1 where anything is lost, doubled or otherwise not as it should be.
 *   npm run crash -- --kills 200 --seed 7
 *   npm run crash -- --seed 7 --trial 31     that trial alone
 */
import { parseArgs } from 'node:util';
import { crash, type CrashReport } from './crash.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    rows: { type: 'string', default: '300' },
    trial: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const began = performance.now();
const report = await crash({
  kills,
  perStage: Math.ceil(kills / 10),
  again: Math.ceil(kills / 40),
  seed: Number(values.seed),
  rows: Number(values.rows),
  ...(values.trial !== undefined && { only: Number(values.trial) }),
  heard: (trial, plan, { kills, damage }) => {
    if (!values.verbose && values.trial === undefined) return;
    const told = kills.map(({ moment, amid }) => `${moment} → ${amid ?? 'uncounted'}`).join(', ');
    process.stderr.write(
      `trial ${trial} (${plan.mail}, ${plan.workers === 2 ? `two, ${plan.victim} dies` : 'one'}): ${told || 'no kill'}; ${damage.violations.join('; ') || 'as it should be'}\n`,
    );
  },
});
process.stdout.write(`${table(report, Number(values.seed), (performance.now() - began) / 1000)}\n`);
for (const violation of report.violations) process.stdout.write(`VIOLATED  ${violation}\n`);
process.exitCode = report.violations.length === 0 ? 0 : 1;

function table(found: CrashReport, seed: number, seconds: number): string {
  const total = Object.values(found.kills).reduce((sum, count) => sum + count, 0);
  const lines: readonly (readonly [string, string | number])[] = [
    ['seed', seed],
    ['kills', total],
    ...Object.entries(found.kills).map(([stage, count]) => [`  amid ${stage}`, count] as const),
    ['  with another worker on the same database', found.besideAnother],
    ['  over SMTP', found.overSmtp],
    ['  amid welcomes that were sent again after the kill before', found.again],
    ['kills that do not count', found.uncounted],
    ['restarts', found.restarts],
    ['imports compared', found.trials],
    ['users lost', found.usersLost],
    ['users twice', found.usersTwice],
    ['mails lost', found.mailsLost],
    ['welcomes left uncertain that got no mail', found.uncertainWithoutMail],
    ['mails twice', found.mailsTwice],
    ['mails twice, from uncertain sends, with the same Message-ID', found.mailsTwiceUncertain],
    ['uncertain sends', found.uncertainSends],
    ['seconds', seconds.toFixed(0)],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${String(value).padStart(6)}`).join('\n');
}
