import type { Region } from './regions';
import type { TrafficClass } from './traffic-classes';

export const DOMAIN_NAMES = ['order', 'standby', 'marketing'] as const;
export type DomainName = (typeof DOMAIN_NAMES)[number];

export interface SearchDomain {
  readonly name: DomainName;
  readonly region: Region;
  /** `whole` domains hold the document as it is; a `masked` one holds no raw contact data, only keyed hashes. */
  readonly holds: 'whole' | 'masked';
  readonly queue: string;
}

export const DOMAINS: Readonly<Record<DomainName, SearchDomain>> = {
  order: { name: 'order', region: 'A', holds: 'whole', queue: 'index-order' },
  standby: { name: 'standby', region: 'B', holds: 'whole', queue: 'index-standby' },
  marketing: { name: 'marketing', region: 'B', holds: 'masked', queue: 'index-marketing' },
};

/** Order of preference for each traffic class; the default of the switches `search/<class>`. */
export const DOMAIN_PREFERENCE: Readonly<Record<TrafficClass, readonly DomainName[]>> = {
  order: ['order', 'standby'],
  marketing: ['marketing'],
  other: ['standby', 'marketing'],
};
