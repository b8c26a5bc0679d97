import { flowSuite } from './flow.suite.ts';
import { memoryWorld } from './memory-world.ts';

flowSuite('memory', memoryWorld, { crashEvery: 1 });
