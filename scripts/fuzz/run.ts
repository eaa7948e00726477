import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalState } from '../../local/system';
import { type Region, ROUTES, type TrafficClass } from '../../topology';
import type { Counts } from '../testing/jest';
import { ROOT, runProgram } from '../testing/programs';
import { API_KEY_VARIABLE, CHECKS, configuration } from './configuration';
import { registerMembers } from './members';

export interface FuzzRun {
  readonly region: Region;
  readonly trafficClass: TrafficClass;
  readonly budgetMs: number;
  readonly seed: number;
}

export interface Fuzzer {
  /** Path of schemathesis. */
  readonly program: string;
  readonly state: LocalState;
  /** Keeps configurations and reports, one folder for each run. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

const MS_PER_S = 1000;
/** How long a run may take beyond its budget, which it looks at between requests. */
const GRACE_MS = 120_000;

/** Calls one class of one region until the budget is spent. @returns how many calls of the document passed, and failed */
export async function fuzz(run: FuzzRun, { program, state, directory, signal }: Fuzzer): Promise<Counts> {
  const { region, trafficClass, budgetMs, seed } = run;
  const name = `${region}-${trafficClass}`;
  const folder = join(directory, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'schemathesis.toml');
  const reportFile = join(folder, 'junit.xml');
  writeFileSync(configFile, configuration(await registerMembers(state, `${name}-${seed}`)));
  const { api } = state.regions[region];
  // In a class that does not know a call its path does not exist, whatever is sent there.
  const unknown = ROUTES.filter(({ classes }) => !classes.includes(trafficClass));
  const parameters = [
    ...['--config-file', configFile, 'run', `${api}/openapi.json`, '--url', `${api}/v1/${trafficClass}`],
    ...unknown.flatMap(({ operation }) => ['--exclude-operation-id', operation]),
    ...['--checks', CHECKS.join(','), '--seed', String(seed)],
    ...['--max-time', String(Math.max(1, Math.round(budgetMs / MS_PER_S)))],
    ...['--report', 'junit', '--report-junit-path', reportFile, '--warnings', 'off'],
  ];
  const apiKey = state.callers.find(({ classes }) => classes.includes(trafficClass))?.apiKey ?? '';
  const limit = AbortSignal.any([signal, AbortSignal.timeout(budgetMs + GRACE_MS)]);
  const environment = {
    [API_KEY_VARIABLE]: apiKey,
    SCHEMATHESIS_HOOKS: 'checks',
    PYTHONPATH: join(ROOT, 'scripts', 'fuzz'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const endedWell = await runProgram([program, ...parameters], { cwd: folder, environment, signal: limit });
  signal.throwIfAborted();
  return countsOf(reportFile, endedWell);
}

/** A run that ended badly without naming what failed is one failure. */
function countsOf(reportFile: string, endedWell: boolean): Counts {
  const [, totals] = /<testsuites ([^>]*)>/.exec(readReport(reportFile)) ?? [];
  const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(totals ?? '')?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  const passed = count('tests') - count('skipped') - failed;
  if (!endedWell && failed === 0) return { passed, failed: 1 };
  return passed === 0 && failed === 0 ? { passed, failed: 1 } : { passed, failed };
}

function readReport(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
