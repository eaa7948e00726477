import { otherRegion, REGIONS, type Region } from '../../topology';
import type { Transition, UnitDecision, UnitMode } from '../arbiter';

/** What somebody asks of a unit. */
export interface UnitRequest {
  readonly writer: Region;
  readonly mode: UnitMode;
}

/** What is seen of a unit's clusters by whoever is asked. */
export interface Sighting {
  /** Whether the servers of all its clusters answer in this region. */
  readonly answers: Readonly<Record<Region, boolean>>;
  /** Whether all its clusters can be moved to this region without losing anything. */
  readonly inStep: Readonly<Record<Region, boolean>>;
  /** Where the writers of all its clusters stand; undefined where they are not all in one region, or on their way. */
  readonly restsIn: Region | undefined;
}

export type Judgement =
  /** It is so, or is becoming so. */
  | { readonly kind: 'stands' }
  | { readonly kind: 'begin'; readonly transition: Transition['kind'] }
  | { readonly kind: 'refuse'; readonly reason: string };

/**
 * What becomes of a request. A writer that answers is moved as planned, and loses nothing; one that does not answer is
 * given up. A transition may be replaced by another while its old writer is being silenced, and later only where it
 * cannot go on by itself.
 */
export function judge(request: UnitRequest, decision: UnitDecision, sighting: Sighting): Judgement {
  const { unit, writer, mode, transition } = decision;
  if (!REGIONS.includes(request.writer)) return refuse(`there is no region ${request.writer}`);
  if (request.mode === 'fallback') return judgeFallback(request, decision, sighting);
  if (transition !== undefined) {
    const early = judgeReplacing(request, decision, transition, sighting);
    if (early !== undefined) return early;
  }
  if (request.writer === writer && transition?.step !== 'promote') {
    const { restsIn } = sighting;
    if (restsIn === otherRegion(writer)) return refuseElsewhere(unit, restsIn);
    if (transition === undefined && request.mode === mode) return { kind: 'stands' };
    if (mode === 'fallback' && restsIn === undefined) {
      return refuse(`it is not seen that the writers of unit ${unit} stand in region ${writer}`);
    }
    if (sighting.answers[writer]) return { kind: 'begin', transition: 'mode' };
    return refuse(`the writer of unit ${unit} in region ${writer} does not answer, so nothing can be changed there`);
  }
  return judgeMove(request.writer, decision, sighting);
}

/**
 * No database is needed for it, so it is granted whether one answers or not: an operator may know more. A transition gives
 * way to it while its old writer is being silenced, and later where the databases that it leads to are lost.
 */
function judgeFallback(
  request: UnitRequest,
  { unit, writer, mode, transition }: UnitDecision,
  { answers }: Sighting,
): Judgement {
  if (request.writer !== writer) {
    return refuse(`unit ${unit} is put into mode fallback where its writer stands, which is region ${writer}`);
  }
  if ((transition?.mode ?? mode) === 'fallback') return { kind: 'stands' };
  if (transition !== undefined && transition.step !== 'silence' && answers[transition.to]) {
    return refuse(
      `unit ${unit} is on its way to region ${transition.to}, whose databases answer: it will be there soon`,
    );
  }
  return { kind: 'begin', transition: 'mode' };
}

/** @returns undefined if the request may take the place of the transition that is under way */
function judgeReplacing(
  request: UnitRequest,
  { unit, writer }: UnitDecision,
  { kind, to, from, mode, step }: Transition,
  { answers, restsIn }: Sighting,
): Judgement | undefined {
  // It can neither go on nor end there: whoever moves the writers by other means may do so at any time.
  if (step !== 'silence' && step !== 'promote' && restsIn === otherRegion(to)) {
    return request.writer === restsIn ? undefined : refuseElsewhere(unit, restsIn);
  }
  const isSame = request.writer === to && request.mode === mode;
  const isStuck = !answers[writer];
  if (isSame && !(kind === 'switchover' && isStuck)) return { kind: 'stands' };
  if (step === 'silence') return undefined;
  if (step === 'promote' && kind === 'switchover') {
    if (isSame || (request.writer === from && restsIn === from)) return undefined;
  }
  if (step !== 'promote' && isStuck && request.writer !== writer) return undefined;
  const then = answers[to]
    ? 'ask again when it is there'
    : `its databases there do not answer, and until they do only mode fallback in region ${writer} can take its place`;
  return refuse(`unit ${unit} is on its way to region ${to}, and can no longer be turned back: ${then}`);
}

function judgeMove(to: Region, { unit, writer }: UnitDecision, { answers, inStep, restsIn }: Sighting): Judgement {
  if (!answers[to]) return refuse(`the databases of unit ${unit} in region ${to} do not answer`);
  // Nobody has seen how the writers came there, so something may be missing: as after an unplanned move.
  const isThere = restsIn === to && to !== writer;
  if (isThere || !answers[writer]) return { kind: 'begin', transition: 'failover' };
  if (!inStep[to]) return refuse(`the databases of unit ${unit} in region ${to} are not in step with their writers`);
  return { kind: 'begin', transition: 'switchover' };
}

function refuseElsewhere(unit: string, restsIn: Region): Judgement {
  return refuse(`the writers of unit ${unit} stand in region ${restsIn}: ask for that region`);
}

function refuse(reason: string): Judgement {
  return { kind: 'refuse', reason };
}
