import { setTimeout as delay } from 'node:timers/promises';
import type { BareStores } from '../bare/stores';
import { cpuTimesUs, differenceUs } from '../cpu-time';
import type { ServiceFigures, WholeFigures } from '../figures';
import type { Job } from '../job';
import type { ClosedLoopFigures } from '../load/closed-loop';
import type { OpenLoopFigures } from '../load/open-loop';
import type { RequestPath } from '../paths/request-path';
import type { LoadQuestion } from '../processes/load-process';
import { settle } from '../settle';
import { median, ratiosOf, spreadOf } from '../statistics';
import { BenchChild, type ChildSettings, MeasurementFailed } from './bench-child';

const CONNECTIONS = 32;
/** More than are ever busy at half of what a service can do. */
const OPEN_CONNECTIONS = 64;
const OPEN_LOOP_SHARE = 0.5;
const IDLE_MS = 1500;

interface Service {
  readonly url: string;
  /** Process by name; the first one is the service itself. */
  readonly pids: Readonly<Record<string, number>>;
}

interface ServiceRound {
  readonly load: ClosedLoopFigures;
  readonly usEach: Readonly<Record<string, number>>;
}

type ServiceName = 'ours' | 'baseline' | 'fixed';
type Services = Readonly<Record<ServiceName, Service>>;

/** One path over HTTP: our API, the plain service, and the least that a server can do, by turns. */
export async function measureWhole(
  path: RequestPath,
  settings: ChildSettings,
  stores: BareStores,
): Promise<WholeFigures> {
  const children = (['baseline-process', 'fixed-process', 'load-process'] as const).map(
    (name) => new BenchChild(name, settings),
  );
  const [baseline, fixed, load] = children as [BenchChild, BenchChild, BenchChild];
  try {
    const { system } = settings.job;
    const urlOf = async (child: BenchChild) => ((await child.next()) as { url: string }).url;
    const services: Services = {
      ours: { url: system.api, pids: { 'api-A': system.pids['api-A'] ?? 0, ...withoutApi(system.pids) } },
      baseline: { url: await urlOf(baseline), pids: { service: baseline.pid, ...withoutApi(system.pids) } },
      fixed: { url: await urlOf(fixed), pids: { service: fixed.pid } },
    };
    const quiet = () => (path.writes ? settle(stores, system) : Promise.resolve());
    return await new WholePath(services, load, settings, quiet).measure(path.isFloorShown);
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

function withoutApi(pids: Job['system']['pids']): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).filter(([name]) => name !== 'api-A'));
}

class WholePath {
  /** CPU time that each process uses in a second while nobody asks for anything. */
  private idleUsPerS: Readonly<Record<string, number>> = {};

  constructor(
    private readonly services: Services,
    private readonly load: BenchChild,
    private readonly settings: ChildSettings,
    private readonly quiet: () => Promise<void>,
  ) {}

  async measure(isFloorShown: boolean): Promise<WholeFigures> {
    const { wholeRounds, wholeRoundS, openLoopS } = this.settings.job.pace;
    const names: readonly ServiceName[] = ['ours', 'baseline', ...(isFloorShown ? ['fixed' as const] : [])];
    for (const name of names) await this.round(name, wholeRoundS);
    this.idleUsPerS = await this.idle();
    const rounds: Record<ServiceName, ServiceRound[]> = { ours: [], baseline: [], fixed: [] };
    for (let round = 0; round < wholeRounds; round += 1) {
      const turns = round % 2 === 0 ? names : [...names].reverse();
      for (const name of turns) rounds[name].push(await this.round(name, wholeRoundS));
      this.settings.onProgress(`over HTTP, round ${round + 1} of ${wholeRounds}`);
    }
    const rates = (name: ServiceName) => rounds[name].map(({ load }) => load.perS);
    const cpu = (name: ServiceName) => rounds[name].map(({ usEach }) => Object.values(usEach)[0] ?? 0);
    const perS = OPEN_LOOP_SHARE * Math.min(median(rates('ours')), median(rates('baseline')));
    return {
      ours: figuresOf(rounds.ours),
      baseline: figuresOf(rounds.baseline),
      ...(isFloorShown ? { fixed: figuresOf(rounds.fixed) } : {}),
      rateRatio: spreadOf(ratiosOf(rates('ours'), rates('baseline'))),
      cpuRatio: spreadOf(ratiosOf(cpu('ours'), cpu('baseline'))),
      open: { ours: await this.open('ours', perS, openLoopS), baseline: await this.open('baseline', perS, openLoopS) },
    };
  }

  private async round(name: ServiceName, seconds: number): Promise<ServiceRound> {
    const { url, pids } = this.services[name];
    await this.quiet();
    const before = cpuTimesUs(pids);
    const question: LoadQuestion = { kind: 'closed', url, seconds, connections: CONNECTIONS };
    const startMs = performance.now();
    const load = await this.load.ask<ClosedLoopFigures>(question);
    if (load.requests === 0) throw new MeasurementFailed(`${name} answered nothing within ${seconds} s`);
    const used = differenceUs(before, cpuTimesUs(pids));
    const elapsedS = (performance.now() - startMs) / 1000;
    const usEach = Object.fromEntries(
      Object.entries(used).map(([engine, us]) => {
        const background = (this.idleUsPerS[engine] ?? 0) * elapsedS;
        return [engine, Math.max(0, us - background) / load.requests];
      }),
    );
    return { load, usEach };
  }

  private async idle(): Promise<Record<string, number>> {
    await this.quiet();
    const { pids } = this.services.ours;
    const before = cpuTimesUs(pids);
    await delay(IDLE_MS);
    const used = differenceUs(before, cpuTimesUs(pids));
    return Object.fromEntries(Object.entries(used).map(([engine, us]) => [engine, (us * 1000) / IDLE_MS]));
  }

  private async open(name: ServiceName, perS: number, seconds: number): Promise<OpenLoopFigures> {
    this.settings.onProgress(`latency of ${name} at ${Math.round(perS)}/s`);
    await this.quiet();
    const { url } = this.services[name];
    return this.load.ask<OpenLoopFigures>({ kind: 'open', url, perS, seconds, connections: OPEN_CONNECTIONS });
  }
}

function figuresOf(rounds: readonly ServiceRound[]): ServiceFigures {
  const names = Object.keys(rounds[0]?.usEach ?? {});
  const [service = ''] = names;
  const usEach = (name: string) => rounds.map((round) => round.usEach[name] ?? 0);
  const total = (pick: (load: ClosedLoopFigures) => number) => rounds.reduce((sum, { load }) => sum + pick(load), 0);
  return {
    perS: spreadOf(rounds.map(({ load }) => load.perS)),
    cpuUsEach: spreadOf(usEach(service)),
    partsUsEach: Object.fromEntries(names.map((name) => [name, median(usEach(name))])),
    failureShare:
      total(({ failures }) => failures) /
      Math.max(
        1,
        total(({ requests }) => requests),
      ),
    generatorShare: median(rounds.map(({ load }) => load.generatorShare)),
  };
}
