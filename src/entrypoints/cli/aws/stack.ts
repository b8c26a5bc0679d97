import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { isAnyAwsSet, prepareSdk, readAwsConfig, stackPlaces, variableOf, type AwsConfig, type AwsSetting } from '../../config.ts';
import { CommandFailed, exitCodes } from '../failure.ts';
import type { WorldFlags } from '../flags.ts';

/** What a worker has to know. */
export const workSettings = [...stackPlaces, 'from', 'configurationSet'] as const satisfies readonly AwsSetting[];

/**
 * Finds where the world on AWS is: in the file of `--stack`, else in the environment, else by asking Terraform in this directory. What is
 * found is used as a whole, so that no two stacks are mixed. The SDK is told the stack's region.
 * @throws CommandFailed
 */
export async function stackSettings<K extends AwsSetting>(flags: WorldFlags, settings: readonly K[]): Promise<Pick<AwsConfig, K>> {
  refuseDatabase(flags);
  const variables = await variablesOf(flags, settings);
  let config: Pick<AwsConfig, K>;
  try {
    config = variables === undefined ? readAwsConfig(settings) : readAwsConfig(settings, variables);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'config-invalid')) throw error;
    const message = variables === undefined ? error.message : error.message.replaceAll('The environment variable', `${sourceOf(flags)}:`);
    throw new CommandFailed(message, { hint: whereToGetIt, exitCode: exitCodes.usage, cause: error });
  }
  prepareSdk(variables?.[regionKey] ?? regionIn(Object.values(config)));
  return config;
}

const whichStage = 'Choose a stage by  terraform -chdir=infra workspace select STAGE , or deploy one (docs/deploy.md).';

const whereToGetIt =
  'Get all of them by  terraform -chdir=infra output -json > stack.json  and name that file with --stack stack.json (docs/deploy.md).';

/** Variables out of the file or Terraform; nothing where the environment has them. */
async function variablesOf({ stack }: WorldFlags, settings: readonly AwsSetting[]): Promise<Variables | undefined> {
  if (stack !== undefined) return parsed(textOf(stack), stack);
  if (isAnyAwsSet(settings.filter((setting) => variableOf(setting) !== 'ROLLCALL_FROM'))) return undefined;
  if (!existsSync('infra/outputs.tf')) throw unknown('there is no infra/ here in which Terraform could be asked');
  return parsed(await askTerraform(), 'the output of Terraform');
}

type Variables = Readonly<Record<string, string>>;

const output = z.object({
  rollcall_environment: z.object({ value: z.record(z.string(), z.string()) }),
  region: z.object({ value: z.string() }).optional(),
});

/** Takes all outputs of Terraform, or the variables alone. */
const stackFile = z.union([
  output.transform(({ rollcall_environment, region }) => ({ ...rollcall_environment.value, ...(region && { [regionKey]: region.value }) })),
  z.record(z.string().regex(/^ROLLCALL_/), z.string()),
]);

/** Under which the region stands beside the variables. */
const regionKey = 'AWS_REGION';

function parsed(text: string, source: string): Variables {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unusable(`${source} is no JSON`, error);
  }
  // All that Terraform says of a workspace where nothing is.
  if (JSON.stringify(value) === '{}')
    throw unusable(`${source} is empty, so nothing is deployed in the workspace that it is of`, undefined, whichStage);
  const read = stackFile.safeParse(value);
  if (!read.success) throw unusable(`${source} has no rollcall_environment, so it does not say where a stack is`, read.error);
  return read.data;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(`The file of --stack cannot be read: ${file}`, error);
  }
}

/** All outputs of the stack that Terraform has here, as JSON. */
function askTerraform(): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('terraform', ['-chdir=infra', 'output', '-json'], (error, stdout) => {
      if (!error) return resolve(stdout);
      const why = 'code' in error && error.code === 'ENOENT' ? 'there is no terraform on this machine' : error.message.trim();
      reject(unknown(`Terraform cannot be asked (${why})`, error));
    });
  });
}

function unknown(why: string, cause?: unknown): CommandFailed {
  return unusable(`Nothing says where the stack on AWS is: the environment has no ROLLCALL_USERS_TABLE and the like, and ${why}`, cause);
}

function unusable(what: string, cause: unknown, hint = whereToGetIt): CommandFailed {
  return new CommandFailed(`${what}.`, { hint, exitCode: exitCodes.usage, cause });
}

function sourceOf({ stack }: WorldFlags): string {
  return stack ?? 'the output of Terraform';
}

/** The region that stands in the URL of a queue (AWS General Reference, "Amazon SQS endpoints and quotas"). */
function regionIn(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const [, region] = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(String(value)) ?? [];
    if (region !== undefined) return region;
  }
  return undefined;
}

function refuseDatabase({ db }: WorldFlags): void {
  if (db === undefined) return;
  throw new CommandFailed('--db names a database on this machine, and --world aws has none.', {
    hint: 'Leave out one of them.',
    exitCode: exitCodes.usage,
  });
}
