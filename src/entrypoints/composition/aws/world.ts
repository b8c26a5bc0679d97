import { Container, type ContainerModule } from 'inversify';
import type { World } from '../tokens.ts';

/** A world of these modules. */
export function worldOf(...modules: readonly ContainerModule[]): World {
  const container = new Container();
  container.load(...modules);
  return container;
}
