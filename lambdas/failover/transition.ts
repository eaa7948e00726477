import type { Region } from '../../topology';
import type { Transition, TransitionStep, UnitDecision, UnitMode } from '../arbiter';

/** What a unit is to become, and how it gets there. */
export interface Order {
  readonly kind: Transition['kind'];
  readonly to: Region;
  readonly mode: UnitMode;
  readonly actor: string;
}

/** Who takes a step, and when by its own clock (milliseconds since 1970), for people. */
export interface Hand {
  readonly by: string;
  readonly nowMs: number;
}

/** Clocks of two machines may differ in speed: an hour of one is not quite an hour of another. */
const LEAST_MARGIN_MS = 1000;
const MARGIN_SHARE = 1 / 1000;

/**
 * The decision once `epoch` is taken for the order. Nobody renews from then on, so the leases under the old epoch end at
 * the latest when what was granted has passed.
 *
 * @param waitedMs how long ago it was known, by one clock, that renewals had come as far as `seen` says
 */
export function begun(
  seen: UnitDecision,
  order: Order,
  { epoch, waitedMs, hand }: { epoch: number; waitedMs: number; hand: Hand },
): UnitDecision {
  const drains = seen.mode === 'fallback' || seen.transition?.drains === true;
  const owes = owesReplay(seen.transition);
  const transition: Transition = {
    kind: order.kind,
    from: seen.writer,
    to: order.to,
    mode: order.mode,
    // Whatever the database went through meanwhile, nobody was told.
    replays: order.kind === 'failover' || owes || drains,
    ...(owes ? { owes } : {}),
    ...(drains ? { drains } : {}),
    step: 'silence',
    ...(seen.transition === undefined ? { grantedMs: seen.grantedMs, waitedMs } : leftOf(seen.transition)),
    actor: order.actor,
    by: hand.by,
    sinceMs: hand.nowMs,
  };
  return { unit: seen.unit, epoch, writer: seen.writer, mode: 'read-only', renewals: 0, grantedMs: 0, transition };
}

/** A failover that was given up midway may have promoted a copy that lacks something; what others owe they were left. */
function owesReplay(transition: Transition | undefined): boolean {
  if (transition?.owes === true) return true;
  return transition?.replays === true && (transition.kind !== 'failover' || transition.step !== 'silence');
}

/**
 * What there is to wait for of a transition that is given up: nothing once its old writer was silent. Until then all of it,
 * with what has passed: of the difference nobody could tell how much the clocks may be apart.
 */
function leftOf({ step, grantedMs, waitedMs }: Transition): Pick<Transition, 'grantedMs' | 'waitedMs'> {
  return step === 'silence' ? { grantedMs, waitedMs } : { grantedMs: 0, waitedMs: 0 };
}

/** More of the silence has certainly passed. */
export function waited(seen: UnitDecision, transition: Transition, waitedMs: number): UnitDecision {
  return { ...seen, transition: { ...transition, waitedMs } };
}

/** Whether every lease under the old epoch has ended. Without any there is nothing to wait for. */
export function isLeaseOver({ grantedMs }: Transition, waitedMs: number): boolean {
  if (grantedMs === 0) return true;
  return waitedMs >= grantedMs + Math.max(LEAST_MARGIN_MS, grantedMs * MARGIN_SHARE);
}

/** In mode `fallback` no database is asked for anything; what is owed to it is owed on the way out. */
function stepsOf({ kind, mode, replays, drains }: Transition): readonly TransitionStep[] {
  if (mode === 'fallback') return ['silence', 'open'];
  return [
    'silence',
    ...(kind === 'mode' ? [] : ['promote' as const]),
    'fence',
    // Commands first: a row that has them knows the documents that they made as its own past.
    ...(drains ? ['drain' as const] : []),
    ...(replays ? ['replay' as const] : []),
    'open',
  ];
}

/** The decision once the step that it stands at has been taken. */
export function stepped(seen: UnitDecision, transition: Transition, { by, nowMs }: Hand): UnitDecision {
  const steps = stepsOf(transition);
  const step = steps[steps.indexOf(transition.step) + 1];
  const { transition: _, ...rest } = seen;
  if (step === undefined) return { ...rest, writer: transition.to, mode: transition.mode };
  const writer = transition.step === 'promote' ? transition.to : seen.writer;
  return { ...rest, writer, transition: { ...transition, step, by, sinceMs: nowMs } };
}
