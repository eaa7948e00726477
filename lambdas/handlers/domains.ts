import { AWS_REGIONS, DOMAIN_NAMES, DOMAINS, type DomainName } from '../../topology';
import { createDomain, type Domain } from '../search';
import type { Environment } from './environment';

export type Domains = Readonly<Record<DomainName, Domain>>;

/** Every search domain; connections are made when one is first asked. */
export function openDomains(environment: Environment): Domains {
  return Object.fromEntries(DOMAIN_NAMES.map((name) => [name, openDomain(environment, name)])) as Domains;
}

export async function closeDomains(domains: Domains): Promise<void> {
  await Promise.all(DOMAIN_NAMES.map((name) => domains[name].close()));
}

export function openDomain({ config, log }: Environment, name: DomainName): Domain {
  const { signing: service, domains } = config.endpoints;
  const { holds, region } = DOMAINS[name];
  return createDomain({
    name,
    url: domains[name],
    signing: service === undefined ? undefined : { service, region: AWS_REGIONS[region] },
    holds,
    contactKey: config.secrets.contactKey,
    // On one machine a domain is one node, which has no place for a second copy.
    replicas: config.endpoints.aws === undefined ? 1 : 0,
    log,
  });
}
