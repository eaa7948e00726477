import type { InFlight, LostEntry } from '../../../lambdas/arbiter';
import { endUndecided } from '../../../lambdas/failover';
import { SHARD_MAP } from '../../../topology';

const EPOCH = 7;
const SCHEMAS = SHARD_MAP.filter(({ unit }) => unit === 'a1').length;

/** @param told operations that the replay of an epoch was told of; @param decided those that have an outcome */
async function ended(told: Readonly<Record<number, readonly InFlight[]>>, decided: readonly string[] = []) {
  const listed: Pick<LostEntry, 'memberId' | 'operationId' | 'epoch'>[] = [];
  const released: string[] = [];
  const errors: { readonly message: string; readonly members: unknown }[] = [];
  let places = 0;
  const parts = {
    arbiter: {
      replays: {
        epochs: async () => Object.keys(told).map(Number),
        inFlight: async (_unit: string, epoch: number) => told[epoch] ?? [],
      },
      lost: {
        put: async (_unit: string, { memberId, operationId, epoch }: LostEntry) =>
          void listed.push({ memberId, operationId, epoch }),
      },
    },
    shards: {
      undecided: {
        overdue: async () => (places++ === 0 ? ['1'] : []),
        end: async (memberId: string) => void released.push(memberId),
      },
      recovery: { decided: async () => new Map(decided.map((id) => [id, 'committed'])) },
    },
    region: 'A',
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    log: { error: (message: string, { members }: { members: number }) => errors.push({ message, members }) },
  };
  const units = { a1: { writer: 'A', mode: 'database', epoch: EPOCH } };
  expect(await endUndecided(parts as never, { units } as never)).toBe(1);
  expect([released, places]).toEqual([['1'], SCHEMAS]);
  return { listed, errors };
}

const operation = (operationId: string, memberId = '1'): InFlight => ({ memberId, operationId });

test('operations of a member are listed although its unit has come to another epoch since', async () => {
  const { listed, errors } = await ended({ 3: [operation('o')], [EPOCH]: [operation('other', '2')] });
  expect(listed).toEqual([{ memberId: '1', operationId: 'o', epoch: EPOCH }]);
  expect(errors).toEqual([
    { message: 'operations that a failover cut off have no outcome; they are listed', members: 1 },
  ]);
});

test('an operation that two replays were told of is listed once, and none that has an outcome', async () => {
  const told = { 5: [operation('open'), operation('done')], 6: [operation('open')] };
  expect((await ended(told, ['done'])).listed).toEqual([{ memberId: '1', operationId: 'open', epoch: EPOCH }]);
});

test('nothing is said to be listed that is not', async () => {
  const { listed, errors } = await ended({ 5: [operation('done')] }, ['done']);
  expect(listed).toEqual([]);
  expect(errors).toEqual([{ message: 'members were undecided, and no open operation of theirs is known', members: 1 }]);
});
