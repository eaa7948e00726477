import type { PlantedBug } from '../bug';

const CHECKS = 'cli/regions/checks.ts';
const seen = (test: string) => ({ file: 'test/unit/cli/region.test.ts', test });

/** What keeps a region that was lost from serving before everything in it is caught up, and a lost one lost. */
export const REGION_BUGS: readonly PlantedBug[] = [
  {
    name: 'region-believed-by-a-report-of-before-its-loss',
    races: [],
    file: 'cli/regions/system.ts',
    from: 'last.count > reports',
    to: 'last.count > 0',
    caughtBy: { file: 'test/region/region-loss.test.ts', test: 'a region that was lost costs the other one' },
  },
  {
    name: 'region-readmitted-with-a-database-that-does-not-follow',
    races: [5],
    file: CHECKS,
    from: 'if (isInStep !== true) return',
    to: 'if (isInStep === null) return',
    caughtBy: seen('is a database that does not follow'),
  },
  {
    name: 'region-readmitted-with-a-database-far-behind',
    races: [5],
    file: CHECKS,
    from: 'if (heartbeatAgeMs <= MOST_HEARTBEAT_AGE_MS) return [];',
    to: 'if (heartbeatAgeMs >= 0) return [];',
    caughtBy: seen('is a database that does not follow'),
  },
  {
    name: 'region-readmitted-before-what-was-kept-is-read',
    races: [25],
    file: CHECKS,
    from: "    ...sentences('kept', keptIn(seen)),\n",
    to: '',
    caughtBy: seen('until it has been read'),
  },
  {
    name: 'region-readmitted-with-events-waiting',
    races: [],
    file: CHECKS,
    from: 'return waiting <= NO_BACKLOG ? [] :',
    to: 'return waiting >= 0 ? [] :',
    caughtBy: seen('events that wait, and fences that are owed'),
  },
  {
    name: 'region-readmitted-with-fences-owed',
    races: [49],
    file: CHECKS,
    from: 'return owed === 0 ? [] :',
    to: 'return owed >= 0 ? [] :',
    caughtBy: seen('events that wait, and fences that are owed'),
  },
  {
    name: 'region-readmitted-with-a-domain-that-nobody-compared',
    races: [],
    file: CHECKS,
    from: 'return isVerified ? [] :',
    to: 'return isVerified || !isVerified ? [] :',
    caughtBy: seen('is a search domain that is out'),
  },
  {
    name: 'kept-data-taken-over-without-looking',
    races: [25],
    file: 'lambdas/failover/kept/index.ts',
    from: '      : await settleCandidate(parts, { document: row.document }, { unit, needsLease: true });',
    to: "      : 'adopt';",
    caughtBy: { file: 'test/engine/failover/kept.test.ts', test: 'what only a returned writer has is taken over' },
  },
  {
    name: 'kept-data-settled-without-a-lease',
    races: [20],
    file: 'lambdas/failover/kept/index.ts',
    from: 'needsLease: true }',
    to: 'needsLease: false }',
    caughtBy: { file: 'test/engine/failover/kept.test.ts', test: 'begins only while the unit takes writes' },
  },
  {
    name: 'kept-data-taken-for-read-when-interrupted',
    races: [],
    file: 'lambdas/failover/kept/index.ts',
    from: 'if (signal?.aborted === true) return progress;',
    to: 'if (signal?.aborted === true) break;',
    caughtBy: { file: 'test/engine/failover/kept.test.ts', test: 'it goes on where it was interrupted' },
  },
  {
    name: 'lost-process-revived',
    races: [],
    file: 'local/system/running-part.ts',
    from: 'if (this.pid !== undefined) killGroup(this.pid);',
    to: 'if (this.pid !== undefined) killGroup(this.pid); this.lifetime = new AbortController();',
    caughtBy: { file: 'test/unit/local-engines/running-part.test.ts', test: 'comes back when it is restarted' },
  },
];
