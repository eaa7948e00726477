import type { DomainName } from '../../topology';
import { type Item, number, readNumber, readText, text } from './item';
import type { ItemTable } from './table';

/** What is written down of a search domain; `revision` 0 before anything was. The state is JSON that this room does not look into. */
export interface DomainRecord {
  readonly revision: number;
  readonly state: unknown;
}

/** What is decided of search domains. All reads are strongly consistent; every call throws Problem UNAVAILABLE. */
export interface DomainDecisions {
  domain(name: DomainName): Promise<DomainRecord>;
  /** Writes the next state. False if someone else has written since `from` was read. */
  changeDomain(name: DomainName, from: DomainRecord, state: unknown): Promise<boolean>;
}

const domainKey = (name: DomainName): Item => ({ key: text(`domain#${name}`) });

/** @param table of decisions */
export function createDomainDecisions(table: ItemTable): DomainDecisions {
  return {
    async domain(name) {
      const item = await table.get(domainKey(name), true);
      if (item === undefined) return { revision: 0, state: undefined };
      return { revision: readNumber(item, 'revision'), state: JSON.parse(readText(item, 'state')) as unknown };
    },

    async changeDomain(name, { revision }, state) {
      const written = JSON.stringify(state);
      const outcome = await table.update(domainKey(name), {
        update: 'SET #state = :state, #revision = :next',
        condition: revision === 0 ? 'attribute_not_exists(#key)' : '#revision = :revision',
        values: {
          ':state': text(written),
          ':next': number(revision + 1),
          ...(revision === 0 ? {} : { ':revision': number(revision) }),
        },
      });
      if (outcome.applied) return true;
      // An earlier attempt may have gone through, and only its answer was lost.
      const { present } = outcome;
      return present?.state?.S === written && readNumber(present, 'revision') === revision + 1;
    },
  };
}
