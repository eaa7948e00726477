import fc from 'fast-check';
import {
  type Claim,
  claimOf,
  freeUpdate,
  isHeld,
  isPast,
  PENDING_SHARD_NAMES,
  pendingShardOf,
  reviveUpdate,
  type Taking,
  takeOutcome,
  takeOverOutcome,
  takeOverUpdate,
  takeUpdate,
} from '../../../lambdas/arbiter/claim';
import { type Item, MalformedItem, number, text } from '../../../lambdas/arbiter/item';
import { movesPartition } from '../../../lambdas/arbiter/journal';
import { type ItemUpdate, namesIn, updateRequest } from '../../../lambdas/arbiter/requests';

const KEY = 'account:app:someone';
const TAKING: Taking = { memberId: '7', unit: 'a1', operationId: 'own', leaseUntilMs: 15_000 };

function itemOf(claim: Partial<Claim> = {}): Item {
  const { generation = 4, state = 'pending', operationId = 'own' } = claim;
  return {
    key: text(KEY),
    generation: number(generation),
    state: text(state),
    memberId: text('7'),
    operationId: text(operationId),
    leaseUntilMs: number(15_000),
  };
}

const lostTo = (claim: Partial<Claim>) => ({ applied: false as const, present: itemOf(claim) });

test('a lost condition is a win only where the claim that stands is that of the same operation', () => {
  expect(takeOutcome(KEY, TAKING, { applied: true, item: itemOf() }).won).toBe(true);
  expect(takeOutcome(KEY, TAKING, lostTo({})).won).toBe(true);
  expect(takeOutcome(KEY, TAKING, lostTo({ state: 'held' })).won).toBe(true);
  expect(takeOutcome(KEY, TAKING, lostTo({ operationId: 'other' })).won).toBe(false);
  expect(takeOutcome(KEY, TAKING, lostTo({ state: 'free' })).won).toBe(false);
});

test('a lost take-over is a win only under the generation that it was to make', () => {
  expect(takeOverOutcome(KEY, 3, TAKING, lostTo({ generation: 4 })).won).toBe(true);
  expect(takeOverOutcome(KEY, 4, TAKING, lostTo({ generation: 4 })).won).toBe(false);
  expect(takeOverOutcome(KEY, 2, TAKING, lostTo({ generation: 4 })).won).toBe(false);
});

test('held means this generation and nothing else; past means that it cannot come back', () => {
  expect(isHeld(4, lostTo({ state: 'held' }))).toBe(true);
  expect(isHeld(3, lostTo({ state: 'held' }))).toBe(false);
  expect(isHeld(4, lostTo({ state: 'free' }))).toBe(false);
  expect(isPast(3, lostTo({}))).toBe(true);
  expect(isPast(4, lostTo({ state: 'free' }))).toBe(true);
  expect(isPast(4, lostTo({ state: 'held' }))).toBe(false);
  expect(isPast(5, lostTo({ state: 'free' }))).toBe(false);
  expect(isPast(1, { applied: false, present: undefined })).toBe(false);
});

test('every attribute and value that an expression names is given, and no other: the engine refuses both', () => {
  const hashes = fc.option(fc.string(), { nil: undefined });
  fc.assert(
    fc.property(hashes, hashes, fc.nat(3), (requestHash, operationId, kind) => {
      const taking = requestHash === undefined ? TAKING : { ...TAKING, requestHash };
      const met = { generation: 3, operationId };
      const changes = [
        takeUpdate(KEY, taking, 0),
        takeOverUpdate(KEY, met, taking, 0),
        reviveUpdate(KEY, 3, taking, 0),
        freeUpdate(met),
      ];
      const change = changes[kind] as ItemUpdate;
      const request = updateRequest('t', {}, change);
      const said = `${request.UpdateExpression} ${request.ConditionExpression}`;
      expect(new Set(said.match(/:\w+/g))).toEqual(new Set(Object.keys(request.ExpressionAttributeValues ?? {})));
      expect(new Set(said.match(/#\w+/g))).toEqual(new Set(Object.keys(request.ExpressionAttributeNames ?? {})));
    }),
  );
  expect(namesIn('#a = :a AND #b = #a', undefined)).toEqual({ '#a': 'a', '#b': 'b' });
});

test('pending claims spread evenly over the partitions of their index, always the same for a key', () => {
  const shards = Array.from({ length: 4000 }, (_, at) => pendingShardOf(`account:app:${at}`));
  for (const name of PENDING_SHARD_NAMES) {
    expect(shards.filter((shard) => shard === name).length).toBeGreaterThan(800);
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (key) => PENDING_SHARD_NAMES.includes(pendingShardOf(key))));
});

test('an item that this code did not write is refused, and none of its content is said', () => {
  const { generation: _, ...lacking } = itemOf();
  expect(() => claimOf(lacking)).toThrow(new MalformedItem('generation'));
  expect(() => claimOf({ ...itemOf(), generation: number(1.5) })).toThrow('generation');
  expect(() => claimOf({ ...itemOf(), state: text('someone@example.org') })).toThrow(
    'An item of the arbiter has no usable state',
  );
});

test('moves of the same minute stand together, those of the next do not', () => {
  expect(movesPartition('a1', 60_000)).toBe('moved#a1#1');
  expect(movesPartition('a1', 119_999)).toBe('moved#a1#1');
  expect(movesPartition('a1', 120_000)).toBe('moved#a1#2');
});
