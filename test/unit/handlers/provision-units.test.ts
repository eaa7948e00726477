import type { UnitDecision } from '../../../lambdas/arbiter';
import { createLog } from '../../../lambdas/core';
import { provisionUnits } from '../../../lambdas/handlers/provision-units';

const log = createLog({ functionName: 'provision', region: 'A' });
const staying = { unit: 'b1', epoch: 2, writer: 'B', mode: 'database', renewals: 0, grantedMs: 0 } as const;
const moving: UnitDecision = {
  ...staying,
  unit: 'a1',
  writer: 'A',
  transition: { step: 'promote', from: 'A', to: 'B' } as UnitDecision['transition'] & object,
};

async function provisioned(decisions: readonly UnitDecision[], refusing: string): Promise<string[]> {
  const names: string[] = [];
  await provisionUnits(
    decisions,
    async ({ name }) => {
      if (name === refusing) throw new Error('it is read-only');
      names.push(name);
    },
    log,
  );
  return names;
}

test('a unit that is being moved, and takes nothing, keeps no other from what it needs', async () => {
  expect(await provisioned([moving, staying], 'a1')).toEqual(['b1']);
});

test('one that is being moved is provisioned where it can be', async () => {
  expect(await provisioned([moving, staying], '')).toEqual(['a1', 'b1']);
});

test('one that stays where it is must not be left out', async () => {
  await expect(provisioned([moving, staying], 'b1')).rejects.toThrow('it is read-only');
});
