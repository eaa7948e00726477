import type { Region } from '../../topology';

/** Data of a returned writer that its successor does not have. */
export interface Snapshot {
  /** As Aurora calls what it keeps after a failover. */
  readonly id: string;
  readonly cluster: string;
  readonly region: Region;
  /** The last transaction in it. */
  readonly position: string;
  /** The last transaction that its successor has as well. */
  readonly sharedUntil: string;
  /** ISO 8601. */
  readonly takenAt: string;
}

/** How the server that is not the writer stands to it. */
export type Standing =
  | { readonly kind: 'following' }
  /** It was the writer; what it did since nobody has looked at. It takes no callers. */
  | { readonly kind: 'apart' }
  /** It did something that its successor does not know; its data is to be kept. */
  | { readonly kind: 'diverged'; readonly snapshot: Snapshot }
  /** What it holds is worth nothing; it is to be cloned from the writer. */
  | { readonly kind: 'empty' };

export type SwitchoverStep = 'pause' | 'catch-up' | 'promote';
export type FailoverStep = 'silence' | 'stop-receiving' | 'apply' | 'promote';

/** A change of the writer that is under way; `position` is how far the target has to come before it is promoted. */
export type Move =
  | { readonly kind: 'switchover'; readonly to: Region; readonly step: SwitchoverStep; readonly position?: string }
  | { readonly kind: 'failover'; readonly to: Region; readonly step: FailoverStep; readonly position?: string };

/** All that has to outlive the control plane, of one cluster. */
export interface ClusterRecord {
  readonly cluster: string;
  readonly writer: Region;
  /** How far the writer had come when it took over; absent where it was the first. */
  readonly tookOverAt?: string;
  readonly standing: Standing;
  readonly move?: Move;
}

export function foundingRecord(cluster: string, home: Region): ClusterRecord {
  return { cluster, writer: home, standing: { kind: 'following' } };
}
