import { setTimeout as pause } from 'node:timers/promises';
import type { UnitDecision } from '../../lambdas/arbiter';
import type { FlowMatch } from '../../lambdas/core';
import { hashOf, shown } from '../../lambdas/switches';
import type { Region } from '../../topology';
import { coloured } from '../colours';
import type { Terminal } from '../commands/command';
import { type Followed, follow } from './follow';
import { give } from './give';
import type { PreviewedChange } from './preview';
import type { SwitchSystem } from './system';
import { wayOf } from './way';

const LOOK_EVERY_MS = 50;

/** What has become of a value, in a form for programs. */
export interface Turned {
  readonly name: string;
  readonly value: unknown;
  readonly outcome: Followed['kind'] | 'unchanged' | 'acceptable';
  readonly revision?: number;
  readonly reasons?: readonly string[];
  /** What it would have done to recent calls, where it is about calls. */
  readonly preview?: PreviewedChange;
  /** Callers that it names, and that nobody has registered. */
  readonly unknownCallers?: readonly string[];
  /** Calls that it names, of a caller in a class that it may not use. */
  readonly idleMatches?: readonly FlowMatch[];
  /** Milliseconds since the value was first put. */
  readonly decidedAfterMs?: number;
  readonly snapshotsAfterMs?: Readonly<Partial<Record<Region, number>>>;
}

export interface Turning {
  readonly name: string;
  readonly text: string;
  readonly region: Region;
  /** Whose functions have to go by it. */
  readonly regions: readonly Region[];
  readonly waitMs: number;
  /** Tells a person how it goes on; programs are told at the end. */
  readonly tell: (line: string) => void;
  readonly terminal: Terminal;
}

/**
 * Puts a value into the store of one region, as any tool would do it, and follows it until it is accepted or refused and the
 * regions go by it.
 *
 * @throws Error if the store or the arbiter does not answer in time, or refuses
 */
export async function turn(system: SwitchSystem, asked: Turning): Promise<Turned> {
  const { name, text, region, tell, terminal } = asked;
  const value = JSON.parse(text) as unknown;
  const before = (await system.arbiter.decisions.switchBook()).records[name];
  if (before !== undefined && hashOf(before.text) === hashOf(text)) {
    tell(`${name} stands at ${shown(text)} already, revision ${before.revision}.`);
    await remind(system, asked);
    return { name, value, outcome: 'unchanged', revision: before.revision };
  }
  tell(`${name}: ${before === undefined ? '' : `${shown(before.text)} -> `}${shown(text)}`);
  const startedAtMs = performance.now();
  const sinceMs = () => Math.round(performance.now() - startedAtMs);
  const version = await give(system.stores[region], asked);
  const followed = await until(asked.waitMs - sinceMs(), async () => {
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
  if (followed.kind !== 'accepted') return refusal(asked, followed, before?.revision ?? 1, decidedAfterMs);
  const { revision, step } = followed;
  tell(`${coloured(terminal, 'green', 'accepted')} as revision ${revision} after ${decidedAfterMs} ms`);
  const snapshotsAfterMs = await snapshots(system, asked, step, sinceMs);
  const unit = await unitOf(system, name);
  const way = unit === undefined ? undefined : wayOf(unit);
  if (way !== undefined) tell(`${coloured(terminal, 'yellow', 'not there yet')}: ${way}`);
  return { name, value, outcome: 'accepted', revision, decidedAfterMs, snapshotsAfterMs };
}

/** A unit may still be on its way to what its switch says, and may have got stuck: then it is asked for once more. */
async function remind(system: SwitchSystem, asked: Turning): Promise<void> {
  const { name, region, tell } = asked;
  const unit = await unitOf(system, name);
  if (unit?.transition === undefined) return;
  await give(system.stores[region], asked);
  tell(`It is on its way, at step ${unit.transition.step}: asked for again. See: twinkeep audit unit/${unit.unit}`);
}

async function unitOf({ arbiter }: SwitchSystem, name: string): Promise<UnitDecision | undefined> {
  if (!name.startsWith('units/')) return undefined;
  return (await arbiter.decisions.units()).find((one) => name === `units/${one.unit}`);
}

function refusal(
  { name, text, region, tell, terminal }: Turning,
  followed: Exclude<Followed, { kind: 'accepted' }>,
  before: number,
  decidedAfterMs: number,
): Turned {
  const value = JSON.parse(text) as unknown;
  if (followed.kind === 'refused') {
    tell(`${coloured(terminal, 'red', 'refused')} after ${decidedAfterMs} ms: ${followed.reasons.join(' ')}`);
    return { name, value, outcome: 'refused', reasons: followed.reasons, decidedAfterMs };
  }
  if (followed.kind !== 'overtaken') return { name, value, outcome: followed.kind };
  const { revision, standing } = followed;
  const why =
    revision === before
      ? `${shown(standing)} stands as before, revision ${revision}; nobody has looked at what you gave, because the store of region ` +
        `${region} had lost ${name}, or a copy came over it. Turn it again`
      : `${shown(standing)} was accepted meanwhile as revision ${revision}`;
  tell(`${coloured(terminal, 'red', 'overtaken')}: ${why}`);
  return { name, value, outcome: 'overtaken', revision, decidedAfterMs };
}

/** Waits until the functions of each region go by the switch, and says when. */
async function snapshots(
  system: SwitchSystem,
  { regions, waitMs, tell, terminal }: Turning,
  step: number,
  sinceMs: () => number,
): Promise<Partial<Record<Region, number>>> {
  const found: Partial<Record<Region, number>> = {};
  await Promise.all(
    regions.map(async (region) => {
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
