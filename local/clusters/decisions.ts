import { otherRegion, type Region } from '../../topology';
import { isWithin } from './position';
import type { ClusterRecord, Move, Snapshot } from './record';

/** Why a move is not begun; `code` is what RDS calls it. */
export interface Refusal {
  readonly code: 'InvalidGlobalClusterStateFault' | 'InvalidDBClusterStateFault';
  readonly reason: string;
}

/** What is seen of the server that would be promoted. */
export interface Target {
  readonly answers: boolean;
  /** It receives from the writer, and applies what it receives. */
  readonly isConnected: boolean;
}

export function refusalOf(record: ClusterRecord, kind: Move['kind'], to: Region, target: Target): Refusal | undefined {
  const invalid = (code: Refusal['code'], reason: string): Refusal => ({ code, reason });
  if (record.move !== undefined) return invalid('InvalidGlobalClusterStateFault', 'A move is under way');
  if (record.writer === to) return invalid('InvalidDBClusterStateFault', 'The target is the writer');
  if (record.standing.kind !== 'following') {
    return invalid('InvalidDBClusterStateFault', 'The target does not have what the writer has');
  }
  if (!target.answers) return invalid('InvalidDBClusterStateFault', 'The target does not answer');
  if (kind === 'switchover' && !target.isConnected) {
    return invalid('InvalidGlobalClusterStateFault', 'The target is not in step with the writer');
  }
  return undefined;
}

export function begin(record: ClusterRecord, kind: Move['kind'], to: Region): ClusterRecord {
  return {
    ...record,
    move: kind === 'switchover' ? { kind, to, step: 'pause' } : { kind, to, step: 'silence' },
  };
}

/** What a step brought about: a position where it read one, or that it took too long. */
export type Outcome = { readonly kind: 'done'; readonly position: string } | { readonly kind: 'given-up' };

/**
 * The record after a step of its move. A switchover that cannot get in step is given up, and the writer stays. A failover
 * that cannot goes on with what has arrived: more there is not to be had.
 */
export function afterStep(record: ClusterRecord, move: Move, outcome: Outcome): ClusterRecord {
  if (outcome.kind === 'given-up') {
    return move.kind === 'switchover' ? without(record) : { ...record, move: { ...move, step: 'promote' } };
  }
  const { position } = outcome;
  if (move.step === 'promote') return promoted(record, move, position);
  if (move.kind === 'switchover') {
    return { ...record, move: { ...move, step: move.step === 'pause' ? 'catch-up' : 'promote', position } };
  }
  switch (move.step) {
    case 'silence':
      return { ...record, move: { ...move, step: 'stop-receiving' } };
    case 'stop-receiving':
      return { ...record, move: { ...move, step: 'apply', position } };
    case 'apply':
      return { ...record, move: { ...move, step: 'promote' } };
  }
}

function without({ move: _given, ...record }: ClusterRecord): ClusterRecord {
  return record;
}

/** The old writer is apart until somebody has looked at what it did since. */
function promoted(record: ClusterRecord, { to }: Move, position: string): ClusterRecord {
  return { ...without(record), writer: to, tookOverAt: position, standing: { kind: 'apart' } };
}

/**
 * What becomes of a former writer that came as far as `position`, and takes no writes any more.
 * @param isRefused by the writer, which does not have what it has
 */
export function afterLook(
  record: ClusterRecord,
  { position, isRefused }: { readonly position: string; readonly isRefused: boolean },
  snapshotAt: (shared: string) => Snapshot,
): ClusterRecord {
  const shared = record.tookOverAt ?? '';
  return isWithin(position, shared) && !isRefused
    ? { ...record, standing: { kind: 'following' } }
    : { ...record, standing: { kind: 'diverged', snapshot: snapshotAt(shared) } };
}

export function followerOf({ writer }: ClusterRecord): Region {
  return otherRegion(writer);
}

/** Whether a server takes callers of the application. One whose data may be wrong answers nobody. */
export function isOpen({ writer, standing }: ClusterRecord, region: Region): boolean {
  return region === writer || standing.kind === 'following';
}
