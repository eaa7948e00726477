import type { UnitDecision } from '../../lambdas/arbiter';

const MS_PER_S = 1000;

/** Where a unit is that is on its way: that its switch was accepted is only the beginning. Undefined where it has got there. */
export function wayOf({ unit, transition }: Pick<UnitDecision, 'unit' | 'transition'>): string | undefined {
  if (transition === undefined) return undefined;
  const { step, to, mode, grantedMs, waitedMs } = transition;
  const leftS = Math.ceil((grantedMs - waitedMs) / MS_PER_S);
  const waits = step === 'silence' && leftS > 0 ? `, for ${leftS} s more if its old writer does not answer` : '';
  return `unit ${unit} is on its way to region ${to} in mode ${mode}, at step ${step}${waits}. See: twinkeep audit unit/${unit}`;
}
