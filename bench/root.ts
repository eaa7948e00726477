import { join } from 'node:path';

/** Of the repository. Bundled processes stand elsewhere and are told paths instead. */
export const ROOT = join(__dirname, '..');
/** What the bench makes for itself: bundles, a system, data sets. */
export const WORK_DIRECTORY = join(ROOT, '.bench');
export const RESULTS_DIRECTORY = join(ROOT, 'bench', 'results');
