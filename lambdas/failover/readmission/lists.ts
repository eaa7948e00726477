import type { DomainName } from '../../../topology';

/**
 * A list of search domains with one of them back where it was.
 *
 * @param now the list as it is, which may lack others that left it too
 * @param before the list as it was before the domain left it
 */
export function withBack(
  now: readonly DomainName[],
  before: readonly DomainName[],
  domain: DomainName,
): readonly DomainName[] {
  if (now.includes(domain) || !before.includes(domain)) return now;
  const kept = before.filter((name) => name === domain || now.includes(name));
  return [...kept, ...now.filter((name) => !kept.includes(name))];
}
