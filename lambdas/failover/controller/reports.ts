import * as z from 'zod/mini';
import { DOMAIN_NAMES, REGIONS, UNITS } from '../../../topology';
import type { StoredReport } from '../../arbiter';
import type { Report } from './report';

const booleans = <Name extends string>(names: readonly Name[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, z.boolean()])) as Record<Name, z.ZodMiniBoolean>);
const reachSchema = z.object({
  databases: z.object(Object.fromEntries(UNITS.map(({ name }) => [name, booleans(REGIONS)]))),
  caches: booleans(REGIONS),
  domains: booleans(DOMAIN_NAMES),
  heartbeatAgesMs: z.optional(z.record(z.string(), z.number())),
});

/** What the regions reported last, as it was stored. @throws Error where it is no report */
export function reportsOf(stored: readonly StoredReport[]): Report[] {
  return stored.map(({ region, count, reach }) => ({ region, count, reach: reachSchema.parse(reach) }));
}
