import { join } from 'node:path';
import { BareStores } from '../bare/stores';
import type {
  GuardsFigures,
  HandlerFigures,
  ReplayFigures,
  RequestFigures,
  Results,
  SearchableFigures,
} from '../figures';
import type { MeasuredSystem } from '../job';
import { REQUEST_PATHS } from '../paths/catalogue';
import type { RequestPath } from '../paths/request-path';
import type { ProfileFigures } from '../processes/profile-process';
import { RESULTS_DIRECTORY } from '../root';
import { type ChildSettings, runToEnd } from './bench-child';
import { measureLimits } from './limits';
import { measureOverload } from './overload';
import { measurePropagation } from './propagation';
import { measureReIndex } from './re-index';
import { measureStartUp } from './start-up';
import { measureWhole } from './whole-path';

/** The parts of the results that measurements fill in. */
export type Figures = { -readonly [K in keyof Results]?: Results[K] } & { requests: Record<string, RequestFigures> };

export interface Measurement {
  readonly name: string;
  readonly title: string;
  readonly run: (settings: ChildSettings, figures: Figures) => Promise<void>;
}

/** Everything that is measured of a running system, in this order; writes come last, as they change what reads find. */
export const MEASUREMENTS: readonly Measurement[] = [
  {
    name: 'start-up',
    title: 'loading each bundle into a new process',
    run: filling('startUp', measureStartUp),
  },
  {
    name: 'guards',
    title: 'the chain of guards',
    run: filling('guards', (settings) => runToEnd<GuardsFigures>('guards-process', settings)),
  },
  ...REQUEST_PATHS.map((path): Measurement => ({ name: path.name, title: path.title, run: requestMeasurement(path) })),
  {
    name: 'hit-rate',
    title: 'hit rate of the cache on a Zipf replay',
    run: filling('replay', (settings) => runToEnd<ReplayFigures>('replay-process', settings)),
  },
  {
    name: 'searchable',
    title: 'from the answer of a write to the first search that knows it',
    run: filling('searchable', (settings) => runToEnd<SearchableFigures>('searchable-process', settings)),
  },
  {
    name: 'switch',
    title: 'from a switch that is turned to the functions that go by it',
    run: filling('propagation', measurePropagation),
  },
  {
    name: 're-index',
    title: 'a domain that has lost everything, brought up to date from the rows',
    run: filling('reIndex', measureReIndex),
  },
  {
    name: 'limits',
    title: 'what passes by a rule, of more than may pass',
    run: filling('limits', measureLimits),
  },
  {
    name: 'overload',
    title: 'more than can be answered, of all classes at once',
    run: filling('overload', measureOverload),
  },
];

/** Measured while the members are brought in. */
export const IMPORT = { name: 'import', title: 'members registered by npm run import' } as const;

/** A measurement whose figures are one part of the results. */
function filling<Part extends keyof Results>(
  part: Part,
  measure: (settings: ChildSettings) => Promise<Results[Part]>,
): Measurement['run'] {
  return async (settings, figures) => {
    (figures as { [K in Part]: Results[K] })[part] = await measure(settings);
  };
}

function requestMeasurement(path: RequestPath): Measurement['run'] {
  return async (settings, figures) => {
    const handler = await runToEnd<HandlerFigures>('handler-process', settings);
    figures.requests[path.name] = { handler };
    if (!path.overHttp) return;
    const stores = new BareStores(settings.job.system);
    try {
      figures.requests[path.name] = { handler, whole: await measureWhole(path, settings, stores) };
    } finally {
      await stores.close();
    }
  };
}

export interface Profiled {
  readonly file: string;
  readonly figures: ProfileFigures;
}

/** Looks into one path at the handler's level. */
export async function profilePath(name: string, settings: ChildSettings): Promise<Profiled> {
  const file = join(RESULTS_DIRECTORY, `${name}.cpuprofile`);
  const job = { ...settings.job, path: name, profileFile: file };
  return { file, figures: await runToEnd<ProfileFigures>('profile-process', { ...settings, job }) };
}

/** Processes that belong to the measured system. */
export function pidsOf({ pids }: MeasuredSystem): number[] {
  return Object.values(pids);
}
