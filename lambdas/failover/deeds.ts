import type { Transition } from '../arbiter';

/** What taking a step means, or trying to, as a clause that follows the actor: for operators, in the audit. */
export function deedOf(
  unit: string,
  epoch: number,
  { step, kind, from, to, mode }: Transition,
  outcome: 'done' | 'noted',
): string {
  const aim = kind === 'mode' ? `into mode ${mode} in region ${to}` : `from region ${from} to region ${to}`;
  if (outcome === 'noted') return `is held up at step ${step} of bringing unit ${unit} ${aim}`;
  switch (step) {
    case 'silence':
      return `made sure that nobody writes unit ${unit} in region ${from} under an epoch before ${epoch}`;
    case 'promote':
      return `saw the databases of unit ${unit} promoted in region ${to}`;
    case 'fence':
      return `fenced unit ${unit} in region ${to} with epoch ${epoch}`;
    case 'drain':
      return `replayed the commands that unit ${unit} had taken in mode fallback in region ${to}`;
    case 'replay':
      return `ended the replay of unit ${unit} in region ${to}`;
    case 'open':
      return `opened unit ${unit} in region ${to} in mode ${mode} under epoch ${epoch}`;
  }
}
