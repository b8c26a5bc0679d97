import { commandWorld } from '../../composition/aws/command.ts';
import type { World } from '../../composition/tokens.ts';
import type { Context } from '../context.ts';
import type { WorldFlags } from '../flags.ts';
import { stackPlaces } from '../../config.ts';
import { telemetryOf } from '../session.ts';
import { stackSettings } from './stack.ts';

/** The world on AWS for whoever looks into it, or brings something to it. @throws CommandFailed */
export async function commandSession({ config }: Context, flags: WorldFlags): Promise<World> {
  return commandWorld(await stackSettings(flags, stackPlaces), await telemetryOf(config.log));
}
