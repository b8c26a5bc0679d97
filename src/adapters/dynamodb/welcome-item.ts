import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { WelcomeRecord, WelcomeState } from '../../ports/welcome-ledger.ts';
import { ItemMalformed, numberIn, textIn, type Item } from './item.ts';

/** The record of an item of the table `welcomes`. @throws ItemMalformed */
export function welcomeOf(item: Item): WelcomeRecord {
  return {
    userId: textIn(item, 'userId'),
    importId: textIn(item, 'importId'),
    revision: numberIn(item, 'revision'),
    state: stateIn(item),
    ...(item['token'] && { token: textIn(item, 'token') }),
    ...(item['leaseUntil'] && { leaseUntil: numberIn(item, 'leaseUntil') }),
    attempts: numberIn(item, 'attempts'),
    uncertainSends: numberIn(item, 'uncertainSends'),
    ...(item['retryAt'] && { retryAt: numberIn(item, 'retryAt') }),
    ...(item['cause'] && { cause: textIn(item, 'cause') }),
    at: numberIn(item, 'at'),
  };
}

/** The state of an item, which need not be whole. @throws ItemMalformed */
export function stateIn(item: Item): WelcomeState {
  const text = textIn(item, 'state');
  const state = states.find((name) => name === text);
  if (!state) throw new ItemMalformed('state', 'state of a welcome');
  return state;
}

/** What an item says beside its key, `revision` and `write`; absent fields are left out. */
export function attributesOf(record: WelcomeRecord): ReadonlyMap<string, AttributeValue> {
  const { importId, state, token, leaseUntil, attempts, uncertainSends, retryAt, cause, at } = record;
  const attributes = new Map<string, AttributeValue>([
    ['importId', { S: importId }],
    ['state', { S: state }],
    ['attempts', { N: String(attempts) }],
    ['uncertainSends', { N: String(uncertainSends) }],
    ['at', { N: String(at) }],
  ]);
  if (token !== undefined) attributes.set('token', { S: token });
  if (leaseUntil !== undefined) attributes.set('leaseUntil', { N: String(leaseUntil) });
  if (retryAt !== undefined) attributes.set('retryAt', { N: String(retryAt) });
  if (cause !== undefined) attributes.set('cause', { S: cause });
  return attributes;
}

/** Every attribute that `attributesOf` may leave out. */
export const optionalAttributes = ['token', 'leaseUntil', 'retryAt', 'cause'] as const;

const states: readonly WelcomeState[] = ['waiting', 'claimed', 'sent', 'uncertain', 'refused', 'failed'];
