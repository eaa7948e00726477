import { HOLD_MS } from '../../lambdas/failover';
import { UNITS } from '../../topology';
import { coloured } from '../colours';
import { type Held, holdUnit, openHoldSystem } from '../holds';
import { readState } from '../state';
import { EXIT, UsageError } from '../usage';
import type { Command } from './command';
import { interruption } from './interruption';
import { directoryOf, directoryOption, reasonOf } from './system-options';

export const unitsHold: Command = {
  name: 'units hold',
  synopsis: '<unit>',
  summary: 'let a unit be written while the arbiter is away, for as long as you stay with it',
  help: `Leases of writers are renewed at the arbiter; without it writes stop when they end. This extends the lease of one unit again
and again, ${HOLD_MS / 1000} s beyond its writer's own clock, under the epoch that the writer has. It begins only, and goes on only, while the
heartbeats of both regions say in their caches that they do not reach the arbiter: without it no controller can begin to move the
unit. Whoever moves it all the same tells the caches first, and this ends. It ends by itself, too, as soon as the arbiter answers,
one of the caches does not, or RDS moves the unit's writer. After Ctrl-C the lease runs out.

  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 the arbiter answers again, 1 refused, or ended for another reason, 2 not understood, 3 RDS did not answer,
130 interrupted.`,
  options: directoryOption,
  async run({ values, positionals, terminal }) {
    const [unit, ...others] = positionals;
    if (unit === undefined || others.length > 0 || !UNITS.some(({ name }) => name === unit)) {
      throw new UsageError(`Name one unit: ${UNITS.map(({ name }) => name).join(' or ')}.`);
    }
    const directory = directoryOf(values);
    const isJson = values.json === true;
    const tell = (line: string) => (isJson ? undefined : terminal.out(`${line}\n`));
    const system = await openHoldSystem(await readState(directory), directory);
    const interrupted = interruption(() => terminal.error(`\nThe lease runs out within ${HOLD_MS / 1000} s.\n`));
    try {
      const held = await holdUnit({ unit, system, signal: interrupted.signal, tell });
      if (isJson) terminal.out(`${JSON.stringify(held)}\n`);
      else
        tell(`${coloured(terminal, held.outcome === 'refused' ? 'red' : 'yellow', held.outcome)}: ${describe(held)}`);
      return exitCodeOf(held);
    } catch (error) {
      terminal.error(`Unit ${unit} can't be held now: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      interrupted.end();
      await system.close();
    }
  },
};

function describe({ outcome, reasons, extensions, heldForS }: Held): string {
  const why = reasons.length === 0 ? '' : `${reasons.join('; ')}. `;
  return outcome === 'refused' ? why.trim() : `${why}The lease was extended ${extensions} times, over ${heldForS} s.`;
}

function exitCodeOf({ outcome, isArbiterBack }: Held): number {
  if (outcome === 'interrupted') return EXIT.interrupted;
  return outcome === 'ended' && isArbiterBack ? EXIT.done : EXIT.failed;
}
