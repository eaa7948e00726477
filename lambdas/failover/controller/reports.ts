import * as z from 'zod/mini';
import { DOMAIN_NAMES, REGIONS, type Region, UNITS } from '../../../topology';
import type { StoredReport } from '../../arbiter';
import type { Report } from './report';

/** What an earlier release does not know of yet, it does not reach: else nobody would look until both regions have this one. */
const reached = z._default(z.boolean(), false);
const booleans = <Name extends string>(names: readonly Name[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, reached])) as Record<Name, typeof reached>);
const NOWHERE = Object.fromEntries(REGIONS.map((region) => [region, false])) as Record<Region, boolean>;
const reachSchema = z.object({
  databases: z.object(Object.fromEntries(UNITS.map(({ name }) => [name, z._default(booleans(REGIONS), NOWHERE)]))),
  caches: booleans(REGIONS),
  domains: booleans(DOMAIN_NAMES),
  heartbeatAgesMs: z.optional(z.record(z.string(), z.number())),
});

/** What the regions reported last, as it was stored. @throws Error where it is no report */
export function reportsOf(stored: readonly StoredReport[]): Report[] {
  return stored.map(({ region, count, reach }) => ({ region, count, reach: reachSchema.parse(reach) }));
}
