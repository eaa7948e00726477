import { DOMAIN_NAMES, DOMAINS, type DomainName } from '../../topology';
import { createDomain, type Domain } from '../search';
import type { Environment } from './environment';

export type Domains = Readonly<Record<DomainName, Domain>>;

/** Every search domain; connections are made when one is first asked. */
export function openDomains({ config, log }: Environment): Domains {
  const entries = DOMAIN_NAMES.map((name) => [
    name,
    createDomain({
      name,
      url: config.endpoints.domains[name],
      holds: DOMAINS[name].holds,
      contactKey: config.secrets.contactKey,
      log,
    }),
  ]);
  return Object.fromEntries(entries) as Domains;
}
