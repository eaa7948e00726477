import type { Profile } from '../../../lambdas/core';
import type { PublicMember } from '../../../lambdas/members/schema';
import { PLATFORMS, type Region, type TrafficClass } from '../../../topology';

export interface Account {
  readonly platform: string;
  readonly account: string;
}

/** The spelling in which an account is kept and answered. */
export function canonical({ platform, account }: Account): Account {
  const composed = account.normalize('NFC');
  return { platform, account: PLATFORMS[platform]?.ignoresCase ? composed.toLowerCase().normalize('NFC') : composed };
}

export function accountText(given: Account): string {
  const { platform, account } = canonical(given);
  return `${platform}:${account}`;
}

export type ProfilePatch = { readonly [Field in keyof Profile]?: Profile[Field] | null };

/** What a call may ask beside its own subject. Versions are as `ETag` gives them, without the quotes. */
interface Asking {
  readonly ifMatch?: string;
  readonly acknowledge?: 'one' | 'both' | 'require-both';
}

interface Reading {
  readonly minVersion?: string;
}

/** One call of the API, in terms of what it does to members and accounts. */
export type Call =
  | {
      readonly kind: 'register';
      readonly profile: Profile;
      readonly accounts: readonly Account[];
      readonly idempotencyKey?: string;
      readonly acknowledge?: Asking['acknowledge'];
    }
  | ({ readonly kind: 'patch'; readonly member: string; readonly patch: ProfilePatch } & Asking)
  | ({ readonly kind: 'bind'; readonly member: string } & Account & Asking)
  | ({ readonly kind: 'unbind'; readonly member: string } & Account & Asking)
  | ({ readonly kind: 'close'; readonly member: string } & Asking)
  | ({ readonly kind: 'get'; readonly member: string } & Reading)
  | ({ readonly kind: 'batch'; readonly members: readonly string[] } & Reading)
  | ({ readonly kind: 'find'; readonly platform: string; readonly account: string } & Reading);

export type CallKind = Call['kind'];

const READS: ReadonlySet<CallKind> = new Set(['get', 'batch', 'find']);

export function isRead({ kind }: Call): boolean {
  return READS.has(kind);
}

/** A call and the way that it goes. */
export interface Request {
  readonly region: Region;
  readonly call: Call;
  /** `order` unless it is said. */
  readonly trafficClass?: Exclude<TrafficClass, 'marketing'>;
}

/** One item of a batch: the member, or why there is none. */
export interface BatchItem {
  readonly id: string;
  readonly code?: string;
  readonly document?: PublicMember;
}

/** What is known of a call's effect once it is over. */
export type Outcome =
  /** It was answered; a write took effect, or had nothing to change. */
  | {
      readonly kind: 'ok';
      readonly status: number;
      /** As `ETag` has it; absent in the answer of a batch. */
      readonly version?: string;
      /** How far a write was acknowledged, and why a read is not what it might be, as the headers say. */
      readonly acknowledged?: string;
      readonly degraded?: string;
      readonly document?: PublicMember;
      readonly items?: readonly BatchItem[];
    }
  /** It certainly changed nothing. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** A write may have taken effect, may yet, or never will; a read said nothing. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly status?: number };

/** A call that was made. Places in the order of events are whole numbers, each given once. */
export interface Operation extends Request {
  readonly client: string;
  readonly outcome: Outcome;
  readonly invokedAt: number;
  readonly returnedAt: number;
  /** By the monotonic clock of this machine. */
  readonly startedMs: number;
  readonly endedMs: number;
}
