import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import type { StageName } from '../../src/entrypoints/stages/stage.ts';
import type { LanePorts } from '../../src/entrypoints/worker/lane.ts';
import type { MemoryWorld } from '../domain/world.ts';

/** What lanes tell: by stage, the trouble of each round, or that there was none. */
export type Heard = (readonly [stage: StageName, trouble: string | undefined])[];

/** Ports for lanes of a world, whose waits are as long as they can be. */
export function lanePorts(world: MemoryWorld): LanePorts & { readonly heardAll: Heard; readonly telemetry: MemoryTelemetry } {
  const heardAll: Heard = [];
  return {
    clock: world.clock,
    random: { next: () => 1 },
    telemetry: new MemoryTelemetry(),
    heard: (stage, trouble) => heardAll.push([stage, trouble?.message]),
    heardAll,
  };
}
