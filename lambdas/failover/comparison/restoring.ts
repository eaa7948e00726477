import type { MemberDocument } from '../../core';
import type { Domain, RestoreOutcome } from '../../search';
import type { Difference } from './differences';

/** So many requests are on their way while the next rows are read. */
const IN_FLIGHT = 2;

export interface Restored {
  readonly written: number;
  readonly refused: number;
  /** What was written, or should have been, by how it had differed. */
  readonly found: readonly Difference[];
  /** Where the domain kept a higher version: one that came meanwhile, or that of a deletion, which it keeps for a minute. */
  readonly surpassed: readonly Difference[];
}

/** Writes documents from rows while the next ones are compared. */
export class Restoring {
  readonly #ranges: Domain['ranges'];
  #underWay: Promise<Restored>[] = [];
  #begun: Promise<Restored>[] = [];

  constructor(ranges: Domain['ranges']) {
    this.#ranges = ranges;
  }

  /** Begins to write those of the documents that differ; returns when another one may be begun. */
  async begin(
    documents: readonly MemberDocument[],
    differences: readonly Difference[],
    domain: { isEmpty: boolean },
  ): Promise<void> {
    while (this.#underWay.length >= IN_FLIGHT) await this.#underWay[0];
    const byId = new Map(differences.map((difference) => [difference.memberId, difference]));
    const wanted = documents.filter(({ memberId }) => byId.has(memberId));
    const writing = this.#ranges.restore(wanted, domain).then((outcomes) => restoredOf(wanted, byId, outcomes));
    this.#begun.push(writing);
    this.#underWay.push(writing);
    const end = () => {
      this.#underWay = this.#underWay.filter((one) => one !== writing);
    };
    writing.then(end, end);
  }

  /** What was begun since this was asked last. @throws Problem UNAVAILABLE */
  async ended(): Promise<Restored> {
    const begun = this.#begun;
    this.#begun = [];
    const all = await Promise.all(begun);
    return {
      written: all.reduce((sum, { written }) => sum + written, 0),
      refused: all.reduce((sum, { refused }) => sum + refused, 0),
      found: all.flatMap(({ found }) => found),
      surpassed: all.flatMap(({ surpassed }) => surpassed),
    };
  }
}

function restoredOf(
  documents: readonly MemberDocument[],
  differences: ReadonlyMap<string, Difference>,
  outcomes: readonly RestoreOutcome[],
): Restored {
  const of = (kind: RestoreOutcome['kind']) =>
    documents.flatMap(({ memberId }, index) =>
      outcomes[index]?.kind === kind ? (differences.get(memberId) ?? []) : [],
    );
  const [written, refused, surpassed] = [of('written'), of('refused'), of('surpassed')];
  return { written: written.length, refused: refused.length, found: [...written, ...refused], surpassed };
}
