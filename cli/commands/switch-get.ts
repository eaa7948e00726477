import type { SwitchRecord } from '../../lambdas/arbiter';
import { hashOf } from '../../lambdas/switches';
import { REGIONS, type Region, SWITCHES } from '../../topology';
import { coloured } from '../colours';
import { readState } from '../state';
import { openSwitchSystem, type SwitchSystem } from '../switches';
import { EXIT, UsageError } from '../usage';
import { type Command, type Terminal, table } from './command';
import { switchOf } from './switch-names';
import { directoryOf, directoryOption, reasonOf } from './system-options';

/** What a region's store holds, beside what was accepted. */
type Standing = 'same' | 'differs' | 'missing' | 'unknown';

interface Told {
  readonly name: string;
  readonly value: unknown;
  readonly revision: number;
  readonly acceptedAt: string | undefined;
  readonly actor: string;
  readonly stores: Readonly<Record<Region, Standing>>;
  readonly refused?: SwitchRecord['refused'];
}

export const switchGet: Command = {
  name: 'switch get',
  synopsis: '[name]',
  summary: 'show what switches stand at, since when and by whom, and whether both stores hold it',
  help: `What counts is the accepted value; "differs" under a store means that it is about to be put there, or that someone has
just turned the switch there.

  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 told, 2 not understood, 3 the arbiter did not answer.`,
  options: directoryOption,
  async run({ values, positionals, terminal }) {
    if (positionals.length > 1) throw new UsageError('Name one switch, or none for all of them.');
    const names = positionals.length === 0 ? SWITCHES.map(({ name }) => name) : [switchOf(positionals[0]).name];
    const system = openSwitchSystem(await readState(directoryOf(values)));
    try {
      const told = await look(system, names);
      terminal.out(values.json === true ? `${JSON.stringify(told)}\n` : describe(told, terminal));
      return EXIT.done;
    } catch (error) {
      terminal.error(`The switches can't be read: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      await system.close();
    }
  },
};

async function look({ arbiter, stores }: SwitchSystem, names: readonly string[]): Promise<Told[]> {
  const [{ records }, ...held] = await Promise.all([
    arbiter.decisions.switchBook(),
    ...REGIONS.map((region) => stores[region].read(names).catch(() => undefined)),
  ]);
  return names.flatMap((name) => {
    const record = records[name];
    if (record === undefined) return [];
    const standings = REGIONS.map((region, index) => [region, standingOf(held[index], name, record)]);
    const { text, revision, acceptedAt, actor, refused } = record;
    return {
      name,
      value: JSON.parse(text) as unknown,
      revision,
      acceptedAt: revision === 1 ? undefined : acceptedAt,
      actor,
      stores: Object.fromEntries(standings) as Told['stores'],
      ...(refused === undefined ? {} : { refused }),
    };
  });
}

type Held = Awaited<ReturnType<SwitchSystem['stores']['A']['read']>>;

function standingOf(held: Held | undefined, name: string, { text }: SwitchRecord): Standing {
  if (held === undefined) return 'unknown';
  const parameter = held.get(name);
  if (parameter === undefined) return 'missing';
  return hashOf(parameter.text) === hashOf(text) ? 'same' : 'differs';
}

function describe(told: readonly Told[], terminal: Terminal): string {
  const heading = ['switch', 'value', 'revision', 'store A', 'store B', 'since', 'by'];
  const rows = told.map(({ name, value, revision, stores, acceptedAt = '', actor }) =>
    [name, JSON.stringify(value), String(revision), stores.A, stores.B, acceptedAt, actor].map(String),
  );
  const refusals = told.flatMap(({ name, refused }) =>
    refused === undefined
      ? []
      : [
          `${coloured(terminal, 'yellow', 'refused last')}: ${name} to ${refused.text} in region ${refused.region}, ${refused.at}: ${refused.reasons.join(' ')}\n`,
        ],
  );
  return `${table([heading, ...rows])}${told.length === 1 ? refusals.join('') : ''}`;
}
