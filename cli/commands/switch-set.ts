import { acceptedIn } from '../../lambdas/arbiter';
import { isoTime } from '../../lambdas/core';
import { knownToBeIll } from '../../lambdas/failover';
import { readValue, reasonsAgainst, shown } from '../../lambdas/switches';
import { REGIONS } from '../../topology';
import { coloured } from '../colours';
import { readState } from '../state';
import {
  described,
  isAboutCalls,
  misaimed,
  openSwitchSystem,
  previewTraffic,
  type SwitchSystem,
  type Turned,
  type Turning,
  turn,
} from '../switches';
import { EXIT, readCount, UsageError } from '../usage';
import { type Command, textOption } from './command';
import { regionOf, switchOf } from './switch-names';
import { directoryOf, directoryOption, reasonOf } from './system-options';

const DEFAULT_WAIT_S = '30';
const MOST_WAIT_S = 3600;
const MS_PER_S = 1000;

export const switchSet: Command = {
  name: 'switch set',
  synopsis: '<name> <value> [--region R] [--alone] [--dry-run]',
  summary: 'turn a switch, and follow it until it is accepted or refused and both regions go by it',
  help: `The value is JSON; a plain word is taken for a string. It is put into the store of one region, as any tool would do it;
what is malformed or unsafe is refused there, and the accepted value is put back.

  --region R     the region whose store is told, A or B (default A); it makes no difference while both are well
  --alone        do not wait until the other region goes by it: it is lost
  --dry-run      say whether the value would be accepted, and turn nothing; of traffic/rules and traffic/deny also how many calls of
                 the last five minutes would have been refused, by caller and rule, and how many without the change
  --wait S       seconds to try while the store does not answer, and to follow the value (default ${DEFAULT_WAIT_S})
  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 accepted and known to both regions, or acceptable (--dry-run), 1 refused or overtaken, 2 not understood,
3 not decided, or not known to both regions, in time.`,
  options: {
    ...directoryOption,
    region: { type: 'string', default: 'A' },
    alone: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    wait: { type: 'string', default: DEFAULT_WAIT_S },
  },
  async run({ values, positionals, terminal }) {
    const [name, value, ...others] = positionals;
    const definition = switchOf(name);
    if (value === undefined || others.length > 0)
      throw new UsageError('Name a switch and one value (quoted, if it is JSON).');
    const waitS = readCount('wait', textOption(values, 'wait') ?? DEFAULT_WAIT_S, { least: 1, most: MOST_WAIT_S });
    const region = regionOf(textOption(values, 'region'), '--region');
    const asked: Turning = {
      name: definition.name,
      text: asJson(value),
      region,
      regions: values.alone === true ? [region] : REGIONS,
      waitMs: waitS * MS_PER_S,
      tell: (line) => (values.json === true ? undefined : terminal.out(`${line}\n`)),
      terminal,
    };
    const system = openSwitchSystem(await readState(directoryOf(values)));
    try {
      const turned = await (values['dry-run'] === true ? tryOut(system, asked) : turn(system, asked));
      const report = await withMisaimed(system, asked, turned);
      if (values.json === true) terminal.out(`${JSON.stringify(report)}\n`);
      return exitCodeOf(report, asked);
    } catch (error) {
      terminal.error(`${definition.name} can't be turned now: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      await system.close();
    }
  },
};

/** @throws UsageError for what begins as a list, an object or a text of JSON, and is none */
function asJson(value: string): string {
  try {
    JSON.parse(value);
    return value;
  } catch {
    if (/^\s*[[{"]/.test(value))
      throw new UsageError('The value is not JSON. Quote it whole, as in \'{"mode":"on"}\'.');
    return JSON.stringify(value);
  }
}

function exitCodeOf({ outcome, snapshotsAfterMs = {} }: Turned, { regions }: Turning): number {
  if (outcome === 'acceptable' || outcome === 'unchanged') return EXIT.done;
  if (outcome === 'refused' || outcome === 'overtaken') return EXIT.failed;
  const areAllTold = regions.every((region) => snapshotsAfterMs[region] !== undefined);
  return outcome === 'accepted' && areAllTold ? EXIT.done : EXIT.unreachable;
}

/** By the same rules as the system's own; whether a unit can be moved only its controllers can tell. */
async function tryOut(system: SwitchSystem, { name, text, region, tell, terminal }: Turning): Promise<Turned> {
  const read = readValue(name, text);
  const { arbiter } = system;
  const { decisions } = arbiter;
  const [book, units, ill] = await Promise.all([
    decisions.switchBook(),
    decisions.units(),
    knownToBeIll(arbiter, region),
  ]);
  const accepted = Object.fromEntries(acceptedIn(book).map((one) => [one.name, one.value]));
  const standsSinceMs = Date.parse(book.records[name]?.acceptedAt ?? isoTime(0));
  const known = { accepted, units, standsSinceMs, ill };
  const reasons = read.ok ? reasonsAgainst(name, read.value, known) : read.reasons;
  const value = JSON.parse(text) as unknown;
  if (reasons.length > 0) {
    tell(`${coloured(terminal, 'red', 'would be refused')}: ${reasons.join(' ')}`);
    return { name, value, outcome: 'refused', reasons };
  }
  tell(`${coloured(terminal, 'green', 'would be accepted')}: ${name} to ${shown(text)}`);
  if (!isAboutCalls(name)) return { name, value, outcome: 'acceptable' };
  const preview = await previewTraffic(system, known.accepted, { switches: { [name]: value } });
  for (const line of described(preview)) tell(line);
  return { name, value, outcome: 'acceptable', preview };
}

/** A name that is written wrong would leave alone whom it is meant for, without a word. */
async function withMisaimed(system: SwitchSystem, { tell, terminal }: Turning, turned: Turned): Promise<Turned> {
  const { name, value, outcome } = turned;
  if (!isAboutCalls(name) || outcome === 'refused') return turned;
  const { unknownCallers, idleMatches } = misaimed(await system.arbiter.callers.list(), value);
  if (unknownCallers.length > 0)
    tell(`${coloured(terminal, 'yellow', 'no such caller')}: ${unknownCallers.join(', ')}. See: twinkeep callers list`);
  for (const match of idleMatches)
    tell(`${coloured(terminal, 'yellow', 'no such calls')}: ${match.caller} may not use class ${match.class}.`);
  return {
    ...turned,
    ...(unknownCallers.length > 0 && { unknownCallers }),
    ...(idleMatches.length > 0 && { idleMatches }),
  };
}
