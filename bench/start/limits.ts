import { FLOW_ALGORITHMS } from '../../lambdas/core';
import { REGIONS } from '../../topology';
import type { LimitsFigures } from '../figures';
import type { ClassFigures, Rates, StormFigures } from '../overload/storm';
import type { StormQuestion } from '../processes/storm-process';
import { BenchChild, type ChildSettings, MeasurementFailed } from './bench-child';
import { runCommand } from './command';

const SWITCH = 'traffic/rules';
const LIMITED = '429';
const RATE_PER_S = 200;
const BURST = 40;
/** By each class in each region, which is an environment of its own: three times what may pass. */
const OFFERED: Rates = { order: 150, marketing: 0, other: 150 };
/** Without a rule: by then all members are cached, and what answers is compiled. */
const WARM_UP_S = 10;
/** By then each environment knows how much it is asked for. */
const SETTLING_S = 5;

/** Rules that are measured: each algorithm, and the bucket that warms up. */
const RULES = [
  ...FLOW_ALGORITHMS.map((algorithm) => ({ name: algorithm, rule: { algorithm } })),
  { name: 'token-bucket, warming up', rule: { algorithm: 'token-bucket', warmUpS: 1 } },
] as const;

/** What passes by a rule for all calls, while three times as much is asked of the environments of both regions. */
export async function measureLimits(settings: ChildSettings): Promise<LimitsFigures> {
  const { system, pace } = settings.job;
  const seconds = pace.stormS;
  const children = REGIONS.map((region) => ({ region, load: new BenchChild('storm-process', settings) }));
  const ask = async (durationS: number): Promise<readonly StormFigures[]> => {
    const questions = children.map(({ region, load }) => {
      const target = { url: system.apis[region], apiKeys: system.apiKeys, readsAlone: true };
      const question: StormQuestion = { kind: 'storm', target, rates: OFFERED, seconds: durationS };
      return load.ask<StormFigures>(question);
    });
    return Promise.all(questions);
  };
  const algorithms: LimitsFigures['algorithms'][number][] = [];
  try {
    settings.onProgress('warming up');
    await ask(WARM_UP_S);
    for (const { name, rule } of RULES) {
      settings.onProgress(`${RATE_PER_S}/s by ${name}`);
      const whole = { id: 'measured', match: {}, ratePerS: RATE_PER_S, burst: BURST, mode: 'on', ...rule };
      await turn(settings, [whole]);
      await ask(SETTLING_S);
      algorithms.push({ name, ...countOf(await ask(seconds)) });
    }
  } finally {
    await Promise.all(children.map(({ load }) => load.end()));
    await turn(settings, []);
  }
  const offeredPerS = REGIONS.length * Object.values(OFFERED).reduce((sum, perS) => sum + perS, 0);
  return { ratePerS: RATE_PER_S, burst: BURST, offeredPerS, seconds, algorithms };
}

function countOf(figures: readonly StormFigures[]): { passed: number; otherwise: number } {
  const classes = figures.flatMap((one) => Object.values(one));
  const sum = (count: (one: ClassFigures) => number) => classes.reduce((total, one) => total + count(one), 0);
  const failed = sum(({ failedStatuses }) => Object.values(failedStatuses).reduce((total, count) => total + count, 0));
  const refused = sum(({ failedStatuses }) => failedStatuses[LIMITED] ?? 0);
  return { passed: sum(({ offered }) => offered) - failed, otherwise: failed - refused };
}

/** Until both regions go by it. */
async function turn({ job, signal }: ChildSettings, rules: readonly object[]): Promise<void> {
  const words = ['cli/twinkeep.ts', 'switch', 'set', SWITCH, JSON.stringify(rules), '--json'];
  const { output } = await runCommand([...words, '--directory', job.system.directory], signal);
  const { outcome } = JSON.parse(output) as { outcome: string };
  if (outcome !== 'accepted' && outcome !== 'unchanged') throw new MeasurementFailed(`${SWITCH} was ${outcome}`);
}
