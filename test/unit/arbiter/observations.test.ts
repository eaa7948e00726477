import { createObservations } from '../../../lambdas/arbiter/observations';
import type { ItemUpdate } from '../../../lambdas/arbiter/requests';
import type { ItemTable, UpdateOutcome } from '../../../lambdas/arbiter/table';

/** A table whose first attempt to write goes through without an answer: the next one finds what it wrote, or what came after. */
function answeredLate(after: (written: UpdateOutcome & { applied: false }) => UpdateOutcome = (written) => written) {
  const update = async (_key: unknown, { values }: ItemUpdate): Promise<UpdateOutcome> => {
    const present = Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name.slice(1), value]));
    return after({ applied: false, present });
  };
  return createObservations({ update } as unknown as ItemTable);
}

test('a memory whose first attempt went through unanswered is remembered, so that what it planned is done', async () => {
  const memory = { planned: 'to tell people' };
  expect(await answeredLate().remember('A', { revision: 4, memory })).toBe(true);
  const byAnother = answeredLate(({ present }) => ({ applied: false, present: { ...present, by: { S: 'another' } } }));
  expect(await byAnother.remember('A', { revision: 4, memory })).toBe(false);
});
