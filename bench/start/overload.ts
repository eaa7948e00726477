import type { OverloadFigures, ServiceUnderStorm, Storm } from '../figures';
import type { ClassFigures, Rates, StormFigures, StormTarget } from '../overload/storm';
import type { StormQuestion } from '../processes/storm-process';
import { BenchChild, type ChildSettings } from './bench-child';

/** Of all requests: what must be answered is the smallest part of them, as in a sale. */
const SHARES: Rates = { order: 0.2, marketing: 0.5, other: 0.3 };
const TIMES = [1, 2, 3, 5] as const;
/** Of the capacity, while marketing is calm: both together leave room. */
const CALM: Rates = { order: 0.2, marketing: 0.05, other: 0 };
const STORMY_TIMES = 10;
/** The p99 of one turn is what a dozen requests took; that of all of them together is steadier. */
const TURNS = 5;
/** What has become so much faster than a round before is not yet warm. */
const STILL_WARMING = 1.05;
const MOST_WARMING_ROUNDS = 6;
/** Where the plain service knows one class only. */
const ONE_PREFIX = '/v1/order';

/** More than a service can answer, of all classes at once: ours, and the plain one that knows no classes. */
export async function measureOverload(settings: ChildSettings): Promise<OverloadFigures> {
  const { system } = settings.job;
  const children = (['baseline-process', 'storm-process'] as const).map((name) => new BenchChild(name, settings));
  const [baseline, load] = children as [BenchChild, BenchChild];
  try {
    const { url } = (await baseline.next()) as { url: string };
    const ours = new Stormed({ url: system.api, apiKeys: system.apiKeys }, load, settings);
    const plain = new Stormed({ url, apiKeys: system.apiKeys, onePrefix: ONE_PREFIX }, load, settings);
    const oursUnderStorm = await ours.underStorm('ours');
    return {
      ours: oursUnderStorm,
      beside: await ours.besideMarketing(oursUnderStorm.capacityPerS),
      baseline: await plain.underStorm('plain'),
    };
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

class Stormed {
  constructor(
    private readonly target: StormTarget,
    private readonly load: BenchChild,
    private readonly settings: ChildSettings,
  ) {}

  async underStorm(name: string): Promise<ServiceUnderStorm> {
    const seconds = this.settings.job.pace.stormS;
    await this.untilWarm(seconds / 2);
    const capacityPerS = await this.capacity(seconds);
    const storms: Storm[] = [];
    for (const times of TIMES) {
      this.settings.onProgress(`${name} at ${times} times ${Math.round(capacityPerS)}/s`);
      storms.push({ times, seconds, classes: await this.storm(scaled(SHARES, times * capacityPerS)) });
    }
    return { capacityPerS, storms };
  }

  /** Until it answers no more than before: engines on Java compile what is used for a minute, and the most is to be theirs at their best. */
  private async untilWarm(seconds: number): Promise<void> {
    let formerPerS = 0;
    for (let round = 0; round < MOST_WARMING_ROUNDS; round += 1) {
      const perS = await this.capacity(seconds);
      if (perS < formerPerS * STILL_WARMING) return;
      formerPerS = perS;
    }
  }

  /** By turns, so that what slows the machine for a while slows both. */
  async besideMarketing(capacityPerS: number): Promise<OverloadFigures['beside']> {
    const [calm, stormy]: [ClassFigures[], ClassFigures[]] = [[], []];
    const calmRates = scaled(CALM, capacityPerS);
    const stormyRates = { ...calmRates, marketing: calmRates.marketing * STORMY_TIMES };
    for (let turn = 0; turn < TURNS; turn += 1) {
      this.settings.onProgress(`order beside marketing, turn ${turn + 1} of ${TURNS}`);
      calm.push(orderOf(await this.storm(calmRates)));
      stormy.push(orderOf(await this.storm(stormyRates)));
    }
    return { calm, stormy };
  }

  private capacity(seconds: number): Promise<number> {
    return this.ask<number>({ kind: 'capacity', target: this.target, shares: SHARES, seconds });
  }

  private storm(rates: Rates): Promise<StormFigures> {
    return this.ask<StormFigures>({
      kind: 'storm',
      target: this.target,
      rates,
      seconds: this.settings.job.pace.stormS,
    });
  }

  private ask<T>(question: StormQuestion): Promise<T> {
    return this.load.ask<T>(question);
  }
}

function scaled({ order, marketing, other }: Rates, perS: number): Rates {
  return { order: order * perS, marketing: marketing * perS, other: other * perS };
}

function orderOf({ order }: StormFigures): ClassFigures {
  if (order === undefined) throw new Error('a storm without class order');
  return order;
}
