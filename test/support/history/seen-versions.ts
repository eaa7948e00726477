import type { PublicMember } from '../../../lambdas/members/schema';
import { isRead, type Operation } from './calls';
import { readingsOf } from './readings';

const COUNTERS = 2 ** 32;

/** The versions of one member that somebody was shown. */
export class SeenVersions {
  readonly #documents = new Map<number, PublicMember>();
  readonly #epochs = new Set<number>();
  #least = Number.POSITIVE_INFINITY;

  constructor(member: string, operations: readonly Operation[]) {
    for (const operation of operations) {
      for (const reading of readingsOf(operation)) if (reading.member === member) this.#see(reading.document);
      const { call, outcome } = operation;
      if (outcome.kind !== 'ok' || isRead(call)) continue;
      if (outcome.document?.memberId === member) this.#see(outcome.document);
      else if ('member' in call && call.member === member && outcome.version !== undefined) {
        this.#note(Number(outcome.version));
      }
    }
  }

  document(version: number): PublicMember | undefined {
    return this.#documents.get(version);
  }

  /** The version that the member began with, should nobody have been told: the first of the epoch in which it is met. */
  get first(): number {
    return Number.isFinite(this.#least) ? Math.floor(this.#least / COUNTERS) * COUNTERS + 1 : 1;
  }

  /** The first versions of the epochs in which the member was met. */
  get firstOfEpochs(): number[] {
    return [...this.#epochs].map((epoch) => epoch * COUNTERS + 1);
  }

  #see(document: PublicMember | undefined): void {
    if (document === undefined) return;
    const version = Number(document.version);
    this.#documents.set(version, document);
    this.#note(version);
  }

  #note(version: number): void {
    this.#least = Math.min(this.#least, version);
    this.#epochs.add(Math.floor(version / COUNTERS));
  }
}

/** One more, or the first of a later epoch. */
export function isNextVersion(before: number, after: number): boolean {
  const isLaterEpoch = Math.floor(after / COUNTERS) > Math.floor(before / COUNTERS);
  return after === before + 1 || (isLaterEpoch && after % COUNTERS === 1);
}
