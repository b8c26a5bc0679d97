import { flowSuite } from './flow.suite.ts';
import { sqliteWorld } from './sqlite-world.ts';

// A database on disk for every death takes its time: every third moment will do.
flowSuite('SQLite', sqliteWorld, { crashEvery: 3 });
