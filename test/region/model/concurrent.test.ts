import fc from 'fast-check';
import { checkHistory, describeViolations } from '../../support/history';
import { untilStoresAgree } from '../support/agreement';
import { ALLOWANCE_MS, budgetMs, tryRuns } from './budget';
import { type ProgramNames, program } from './concurrent-program';
import { readAgain, runProgram } from './concurrent-run';

const BUDGET_MS = budgetMs(10_000);

test(
  'clients in both regions at once: linearizable for each member and each account, sessions read what they saw, and all stores agree',
  async () => {
    const runs: Awaited<ReturnType<typeof runProgram>>[] = [];
    const property = fc.asyncProperty(program, async (one) => {
      const run = await runProgram(one);
      expect(describeViolations(checkHistory(run.history))).toBe('');
      runs.push(run);
    });
    await tryRuns(property, { forMs: BUDGET_MS, shrinks: false });
    await untilStoresAgree();
    for (const { history, names } of runs) await expectSettled(history, names);
  },
  BUDGET_MS + ALLOWANCE_MS,
);

async function expectSettled(history: Parameters<typeof readAgain>[0], names: ProgramNames): Promise<void> {
  await readAgain(history, names);
  expect(describeViolations(checkHistory(history))).toBe('');
}
