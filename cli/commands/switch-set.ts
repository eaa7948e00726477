import { setTimeout as pause } from 'node:timers/promises';
import { hashOf, NOTHING_ILL, readValue, reasonsAgainst, shown } from '../../lambdas/switches';
import { REGIONS, type Region } from '../../topology';
import { coloured } from '../colours';
import { readState } from '../state';
import { type Followed, follow, openSwitchSystem, type SwitchSystem } from '../switches';
import { EXIT, readCount, UsageError } from '../usage';
import { type Command, type Terminal, textOption } from './command';
import { regionOf, switchOf } from './switch-names';
import { directoryOf, directoryOption, reasonOf } from './system-options';

const LOOK_EVERY_MS = 50;
const DEFAULT_WAIT_S = '30';
const MOST_WAIT_S = 3600;
const MS_PER_S = 1000;

/** What has become of a value, in a form for programs. */
interface Report {
  readonly name: string;
  readonly value: unknown;
  readonly outcome: Followed['kind'] | 'unchanged' | 'acceptable';
  readonly revision?: number;
  readonly reasons?: readonly string[];
  /** Milliseconds after the value was put. */
  readonly decidedAfterMs?: number;
  readonly snapshotsAfterMs?: Readonly<Partial<Record<Region, number>>>;
}

interface Asked {
  readonly name: string;
  readonly text: string;
  readonly region: Region;
  readonly waitMs: number;
  /** Tells a person how it goes on; programs are told at the end. */
  readonly tell: (line: string) => void;
  readonly terminal: Terminal;
}

export const switchSet: Command = {
  name: 'switch set',
  synopsis: '<name> <value> [--region R] [--dry-run]',
  summary: 'turn a switch, and follow it until it is accepted or refused and both regions go by it',
  help: `The value is JSON; a plain word is taken for a string. It is put into the store of one region, as any tool would do it;
what is malformed or unsafe is refused there, and the accepted value is put back.

  --region R     the region whose store is told, A or B (default A); it makes no difference while both are well
  --dry-run      say whether the value would be accepted, and turn nothing
  --wait S       seconds to follow it (default ${DEFAULT_WAIT_S})
  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 accepted and known to both regions, or acceptable (--dry-run), 1 refused or overtaken, 2 not understood,
3 not decided, or not known to both regions, in time.`,
  options: {
    ...directoryOption,
    region: { type: 'string', default: 'A' },
    'dry-run': { type: 'boolean', default: false },
    wait: { type: 'string', default: DEFAULT_WAIT_S },
  },
  async run({ values, positionals, terminal }) {
    const [name, value, ...others] = positionals;
    const definition = switchOf(name);
    if (value === undefined || others.length > 0)
      throw new UsageError('Name a switch and one value (quoted, if it is JSON).');
    const waitS = readCount('wait', textOption(values, 'wait') ?? DEFAULT_WAIT_S, { least: 1, most: MOST_WAIT_S });
    const asked: Asked = {
      name: definition.name,
      text: asJson(value),
      region: regionOf(textOption(values, 'region')),
      waitMs: waitS * MS_PER_S,
      tell: (line) => (values.json === true ? undefined : terminal.out(`${line}\n`)),
      terminal,
    };
    const system = openSwitchSystem(await readState(directoryOf(values)));
    try {
      const report = await (values['dry-run'] === true ? tryOut(system, asked) : turn(system, asked));
      if (values.json === true) terminal.out(`${JSON.stringify(report)}\n`);
      return exitCodeOf(report);
    } catch (error) {
      terminal.error(`${definition.name} can't be turned now: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      await system.close();
    }
  },
};

function asJson(value: string): string {
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

function exitCodeOf({ outcome, snapshotsAfterMs = {} }: Report): number {
  if (outcome === 'acceptable' || outcome === 'unchanged') return EXIT.done;
  if (outcome === 'refused' || outcome === 'overtaken') return EXIT.failed;
  const areAllTold = REGIONS.every((region) => snapshotsAfterMs[region] !== undefined);
  return outcome === 'accepted' && areAllTold ? EXIT.done : EXIT.unreachable;
}

/** By the same rules as the system's own; what only it knows, such as what is ill, may still speak against it. */
async function tryOut({ arbiter }: SwitchSystem, { name, text, tell, terminal }: Asked): Promise<Report> {
  const read = readValue(name, text);
  const [accepted, units] = await Promise.all([arbiter.decisions.acceptedSwitches(), arbiter.decisions.units()]);
  const known = { accepted: Object.fromEntries(accepted.map((one) => [one.name, one.value])), units, ill: NOTHING_ILL };
  const reasons = read.ok ? reasonsAgainst(name, read.value, known) : read.reasons;
  const value = JSON.parse(text) as unknown;
  if (reasons.length > 0) {
    tell(`${coloured(terminal, 'red', 'would be refused')}: ${reasons.join(' ')}`);
    return { name, value, outcome: 'refused', reasons };
  }
  tell(`${coloured(terminal, 'green', 'would be accepted')}: ${name} to ${shown(text)}`);
  return { name, value, outcome: 'acceptable' };
}

async function turn(system: SwitchSystem, asked: Asked): Promise<Report> {
  const { name, text, region, tell, terminal } = asked;
  const value = JSON.parse(text) as unknown;
  const before = (await system.arbiter.decisions.switchBook()).records[name];
  if (before !== undefined && hashOf(before.text) === hashOf(text)) {
    tell(`${name} stands at ${shown(text)} already, revision ${before.revision}.`);
    return { name, value, outcome: 'unchanged', revision: before.revision };
  }
  tell(`${name}: ${before === undefined ? '' : `${shown(before.text)} -> `}${shown(text)}`);
  const version = await system.stores[region].put(name, text);
  const startedAtMs = performance.now();
  const sinceMs = () => Math.round(performance.now() - startedAtMs);
  const followed = await until(asked.waitMs, async () => {
    const now = (await system.arbiter.decisions.switchBook()).records[name];
    const seen = now === undefined ? undefined : follow(before, now, { region, text, version });
    return seen === undefined || seen.kind === 'waiting' ? undefined : seen;
  });
  const decidedAfterMs = sinceMs();
  if (followed === undefined) {
    tell(
      `${coloured(terminal, 'yellow', 'not decided')} within ${decidedAfterMs} ms; it may still be: see twinkeep switch get ${name}`,
    );
    return { name, value, outcome: 'waiting' };
  }
  if (followed.kind !== 'accepted') return refusal(asked, followed, decidedAfterMs);
  const { revision, step } = followed;
  tell(`${coloured(terminal, 'green', 'accepted')} as revision ${revision} after ${decidedAfterMs} ms`);
  const snapshotsAfterMs = await snapshots(system, asked, step, sinceMs);
  return { name, value, outcome: 'accepted', revision, decidedAfterMs, snapshotsAfterMs };
}

function refusal(
  { name, text, tell, terminal }: Asked,
  followed: Exclude<Followed, { kind: 'accepted' }>,
  decidedAfterMs: number,
): Report {
  const value = JSON.parse(text) as unknown;
  if (followed.kind === 'refused') {
    tell(`${coloured(terminal, 'red', 'refused')} after ${decidedAfterMs} ms: ${followed.reasons.join(' ')}`);
    return { name, value, outcome: 'refused', reasons: followed.reasons, decidedAfterMs };
  }
  if (followed.kind !== 'overtaken') return { name, value, outcome: followed.kind };
  const { revision, standing } = followed;
  tell(`${coloured(terminal, 'red', 'overtaken')}: ${shown(standing)} was accepted meanwhile as revision ${revision}`);
  return { name, value, outcome: 'overtaken', revision, decidedAfterMs };
}

/** Waits until the functions of each region go by the switch, and says when. */
async function snapshots(
  system: SwitchSystem,
  { waitMs, tell, terminal }: Asked,
  step: number,
  sinceMs: () => number,
): Promise<Partial<Record<Region, number>>> {
  const found: Partial<Record<Region, number>> = {};
  await Promise.all(
    REGIONS.map(async (region) => {
      const isThere = await until(
        waitMs - sinceMs(),
        async () => ((await system.snapshotStep(region)) ?? 0) >= step || undefined,
      );
      if (isThere === undefined) {
        tell(`${coloured(terminal, 'yellow', `region ${region}`)} does not have it in its snapshot yet`);
        return;
      }
      found[region] = sinceMs();
      tell(`region ${region} has it in its snapshot after ${found[region]} ms`);
    }),
  );
  return found;
}

/** Asks until there is an answer; undefined if there is none in time. */
async function until<T>(waitMs: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const endsAtMs = performance.now() + waitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > endsAtMs) return answer;
    await pause(LOOK_EVERY_MS);
  }
}
