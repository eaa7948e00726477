import type { PlantedBug } from '../bug';

const CHECKS = 'cli/regions/checks.ts';
const seen = (test: string) => ({ file: 'test/unit/cli/region.test.ts', test });

/** What keeps a region that was lost from serving before everything in it is caught up, and a lost one lost. */
export const REGION_BUGS: readonly PlantedBug[] = [
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
    name: 'lost-process-revived',
    races: [],
    file: 'local/system/running-part.ts',
    from: 'this.lifetime.abort(new NotPossible(`${this.part.name} was lost`));',
    to: '',
    caughtBy: { file: 'test/unit/local-engines/running-part.test.ts', test: 'comes back when it is restarted' },
  },
];
