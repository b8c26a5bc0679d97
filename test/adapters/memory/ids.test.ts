import { expect, test } from '@jest/globals';
import { MemoryIds } from '../../../src/adapters/memory/ids.ts';
import { idsContract } from '../../contracts/ids.contract.ts';

let processes = 0;
idsContract('MemoryIds', () => {
  processes += 1;
  return new MemoryIds(`process-${processes}`);
});

test('fresh names are counted, so that a run can be repeated', () => {
  const ids = new MemoryIds('worker');
  expect([ids.fresh(), ids.fresh()]).toStrictEqual(['worker-1', 'worker-2']);
});
