import { FLOW_ALGORITHMS } from '../../lambdas/core';
import { REGIONS } from '../../topology';
import type { LimitsFigures } from '../figures';
import type { Rates, StormFigures } from '../overload/storm';
import type { StormQuestion } from '../processes/storm-process';
import { BenchChild, type ChildSettings, MeasurementFailed } from './bench-child';
import { runCommand } from './command';

const SWITCH = 'traffic/rules';
const RATE_PER_S = 200;
const BURST = 40;
/** By each class in each region, which is an environment of its own: three times what may pass. */
const OFFERED: Rates = { order: 150, marketing: 0, other: 150 };
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
      const target = { url: system.apis[region], apiKeys: system.apiKeys };
      const question: StormQuestion = { kind: 'storm', target, rates: OFFERED, seconds: durationS };
      return load.ask<StormFigures>(question);
    });
    return Promise.all(questions);
  };
  const algorithms: LimitsFigures['algorithms'][number][] = [];
  try {
    for (const { name, rule } of RULES) {
      settings.onProgress(`${RATE_PER_S}/s by ${name}`);
      const whole = { id: 'measured', match: {}, ratePerS: RATE_PER_S, burst: BURST, mode: 'on', ...rule };
      await turn(settings, [whole]);
      await ask(SETTLING_S);
      algorithms.push({ name, passed: passedOf(await ask(seconds)) });
    }
  } finally {
    await Promise.all(children.map(({ load }) => load.end()));
    await turn(settings, []);
  }
  const offeredPerS = REGIONS.length * Object.values(OFFERED).reduce((sum, perS) => sum + perS, 0);
  return { ratePerS: RATE_PER_S, burst: BURST, offeredPerS, seconds, algorithms };
}

function passedOf(figures: readonly StormFigures[]): number {
  const classes = figures.flatMap((one) => Object.values(one));
  return classes.reduce((sum, { offered, failedStatuses }) => {
    return sum + offered - Object.values(failedStatuses).reduce((failed, count) => failed + count, 0);
  }, 0);
}

/** Until both regions go by it. */
async function turn({ job, signal }: ChildSettings, rules: readonly object[]): Promise<void> {
  const words = ['cli/twinkeep.ts', 'switch', 'set', SWITCH, JSON.stringify(rules), '--json'];
  const { output } = await runCommand([...words, '--directory', job.system.directory], signal);
  const { outcome } = JSON.parse(output) as { outcome: string };
  if (outcome !== 'accepted' && outcome !== 'unchanged') throw new MeasurementFailed(`${SWITCH} was ${outcome}`);
}
