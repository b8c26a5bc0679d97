import { findUsers, type ListedUser } from '../../domain/onboarding/find-users.ts';
import { neutralised } from '../../domain/user-import/formula.ts';
import { tokens, type World } from '../composition/tokens.ts';
import type { Context } from './context.ts';
import { exitCodes } from './failure.ts';
import type { WorldFlags } from './flags.ts';
import type { Output } from './output.ts';
import { withWorld } from './world.ts';
import { brief, padded } from './words.ts';

/** `rollcall users`: lists the users in the order of their addresses, page by page. @returns the exit status */
export function listUsers(flags: WorldFlags & { readonly json?: true; readonly csv?: true }, context: Context): Promise<number> {
  const { output } = context;
  return withWorld(context, flags, async (world) => {
    if (flags.json) await writeJson(world, output);
    else if (flags.csv) for await (const part of world.get(tokens.rowWriter).write(csvRows(world))) await output.write(part);
    else await writeTable(world, output);
    return exitCodes.done;
  });
}

const page = 500;

/** Columns of the table that are wider are not filled up. */
const widths = { address: 36, name: 28 };

async function writeTable(world: World, output: Output): Promise<void> {
  let some = false;
  for await (const users of pages(world)) {
    if (!some) await output.write(line('email', 'name', 'welcome'));
    some = true;
    await output.write(users.map(({ user, welcome }) => line(user.address, user.name, welcome)).join(''));
  }
  if (!some) output.note('There are no users yet.');
}

function line(address: string, name: string, welcome: string): string {
  return `${padded(brief(address, 254), widths.address)}  ${padded(brief(name, 60), widths.name)}  ${welcome}\n`;
}

async function writeJson(world: World, output: Output): Promise<void> {
  for await (const users of pages(world)) {
    const lines = users.map(({ id, user: { address, name, attributes, origin }, welcome }) =>
      JSON.stringify({ id, email: address, name, ...(attributes && { attributes }), import: origin.importId, row: origin.row, welcome }),
    );
    await output.write(`${lines.join('\n')}\n`);
  }
}

/** A row a user, with a column for every attribute that anyone has: those are gathered first. */
async function* csvRows(world: World): AsyncGenerator<readonly string[]> {
  const attributes = new Set<string>();
  for await (const users of pages(world))
    for (const { user } of users) for (const name of Object.keys(user.attributes ?? {})) attributes.add(name);
  const names = [...attributes].sort();
  yield ['id', 'email', 'name', 'import', 'row', 'welcome', ...names].map(neutralised);
  for await (const users of pages(world)) {
    for (const { id, user, welcome } of users) {
      const { address, name, origin } = user;
      yield [id, address, name, origin.importId, String(origin.row), welcome, ...names.map((name) => user.attributes?.[name] ?? '')].map(
        neutralised,
      );
    }
  }
}

async function* pages(world: World): AsyncGenerator<readonly ListedUser[]> {
  const ports = { users: world.get(tokens.users), ledger: world.get(tokens.welcomeLedger), ids: world.get(tokens.ids) };
  for (let users = await findUsers(ports, { limit: page }); users.length > 0;) {
    yield users;
    const after = users.at(-1)?.user.key;
    users = after === undefined ? [] : await findUsers(ports, { limit: page, after });
  }
}
