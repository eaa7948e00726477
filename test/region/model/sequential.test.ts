import fc from 'fast-check';
import { asked } from './asked';
import { ALLOWANCE_MS, budgetMs, tryRuns } from './budget';
import { ApiCommand } from './command';
import { expectLookUps } from './look-ups';
import { SequentialModel } from './sequential-model';
import { Telling } from './telling';

const BUDGET_MS = budgetMs(12_000);

test(
  'one call after another, through either region and any class: every answer is what the model says',
  async () => {
    const commands = fc.commands([asked.map((one) => new ApiCommand(one))], { maxCommands: 80, size: 'max' });
    const property = fc.asyncProperty(commands, async (run) => {
      const model = new SequentialModel();
      await fc.asyncModelRun(() => ({ model, real: new Telling() }), run);
      await expectLookUps(model);
    });
    await tryRuns(property, { forMs: BUDGET_MS, shrinks: true });
  },
  BUDGET_MS + ALLOWANCE_MS,
);
