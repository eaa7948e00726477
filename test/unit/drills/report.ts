import { secondsOf } from '../../drills/figures';
import type { DrillReport } from '../../drills/report';
import { failedAt, sampleAt } from './samples';

/** Of a drill that went well, but for a write that was lost. */
export const REPORT: DrillReport = {
  name: 'lose-something',
  shows: 'It shows <what> & how.',
  runbook: 'search-domain.md',
  seed: 7,
  startedAt: '2025-06-01T10:20:30.000Z',
  tookS: 60,
  lastedS: 10,
  marks: [
    { atS: 0, kind: 'fault', text: 'kill something' },
    { atS: 10, kind: 'end', text: 'runbook: Bring it back' },
  ],
  seconds: secondsOf([sampleAt(-1), sampleAt(1), failedAt(2), sampleAt(11)], -5, 20),
  calls: [{ call: 'get', region: 'A', calls: 3, failed: 1, errorsEndS: 2.01, isOpen: false, p50Ms: 10, p99Ms: 10 }],
  verdicts: [{ holds: true, expected: 'all is well', measured: '3 of 3' }],
  totals: {
    calls: 4,
    failed: 1,
    acknowledgedWrites: 2,
    acknowledgedByBoth: 1,
    answeredReads: 3,
    degradedReads: 0,
    lostWrites: 1,
    lostOfBoth: 0,
  },
  before: { p50Ms: 8, p99Ms: 44 },
  lost: [{ call: 'patch', member: '123', version: 8, region: 'B', by: 'one', startedMs: 1, endedMs: 6 }],
  executed: [{ command: 'npm run local -- restart it', output: 'it runs again', exitCode: 0 }],
};
