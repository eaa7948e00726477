/** The truth: where a member's row stands, the fenced write that makes its next version, and the events it owes. */
import type { Region } from '../../topology';
import { Fences } from './fences';
import { Leases } from './leases';
import { MemberRows } from './members';
import { forgetOperations } from './operations';
import { Outbox, type SchemaPlace } from './outbox';
import { type ProvisionOptions, provisionUnit } from './provision';
import { Recovery } from './recovery';
import { RowRanges } from './row-ranges';
import { Servers } from './servers';
import { Undecided } from './undecided';

export { decodeMemberId, encodeMemberId, idsOfPlacements, type MemberIdParts, placementOf } from './ids';
export type { AbortOutcome, FencedRead, MemberRows, ReadRow } from './members';
export { type Outbox, type SchemaPlace, schemasOfUnit } from './outbox';
export type { WriteOutcome } from './outcomes';
export { type Draw, drawMemberId, type OpenUnit, rangeOf, rangeOfPlacement } from './placement';
export type { Recovery, RowPosition } from './recovery';
export type { RowRanges, RowSum } from './row-ranges';
export type { Places } from './server';
export type { WriteTrip } from './statements';
export type { Undecided } from './undecided';

export interface Shards {
  readonly members: MemberRows;
  readonly ranges: RowRanges;
  readonly outbox: Outbox;
  readonly leases: Leases;
  readonly fences: Fences;
  readonly recovery: Recovery;
  readonly undecided: Undecided;
  /** Forgets operations that were decided so long ago that nobody can ask about them. */
  forgetOperations(place: SchemaPlace, writer: Region): Promise<void>;
  provision(unit: { name: string; epoch: number; writer: Region }): Promise<void>;
  /** Whether that region answers for the cluster, in whichever role. @throws Unreachable, or the server's error */
  ping(cluster: string, region: Region, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export function createShards(options: ProvisionOptions): Shards {
  const servers = new Servers(options);
  return {
    members: new MemberRows(servers),
    ranges: new RowRanges(servers),
    outbox: new Outbox(servers),
    leases: new Leases(servers),
    fences: new Fences(servers),
    recovery: new Recovery(servers),
    undecided: new Undecided(servers),
    forgetOperations: (place, writer) => forgetOperations(servers, place, writer),
    provision: (unit) => provisionUnit(servers, options, unit),
    ping: async (cluster, region, timeoutMs) => {
      const roles = ['writer', 'replica'] as const;
      const asked = new Set(roles.map((role) => servers.at(cluster, region, role)));
      const answers = [...asked].map((server) => server.read({ sql: 'SELECT 1', values: [] }, timeoutMs));
      await Promise.any(answers).catch(({ errors }: AggregateError) => {
        throw errors[0];
      });
    },
    close: () => servers.close(),
  };
}
