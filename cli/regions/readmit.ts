import { setTimeout as pause } from 'node:timers/promises';
import { compare, countSettled, differencesIn } from '../../lambdas/failover';
import { type DomainName, otherRegion, REGIONS, type Region } from '../../topology';
import type { Terminal } from '../commands/command';
import { createBar, openComparison, shownOf } from '../reconcile';
import type { SystemState } from '../state';
import { turn } from '../switches';
import { type Missing, missingIn, type Seen } from './checks';
import { type OpenRegion, openRegion } from './system';

export interface Readmitting {
  readonly region: Region;
  readonly state: SystemState;
  readonly directory: string;
  readonly mode: 'check' | 'readmit';
  /** How long what is missing is waited for. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** Is told once of each sentence, whenever it is new. */
  readonly tellMissing: (missing: readonly Missing[]) => void;
  readonly terminal: Terminal;
}

/** What came of it, in a form for programs. `unchanged`: it serves already, or was only looked at. */
export interface Readmitted {
  readonly region: Region;
  readonly outcome: 'readmitted' | 'unchanged' | 'missing' | 'refused' | 'interrupted';
  readonly missing: readonly Missing[];
  readonly reasons: readonly string[];
  readonly tookS: number;
}

const LOOK_EVERY_MS = 2000;
/** A heartbeat reports every 3 s. */
const REPORT_WITHIN_MS = 10_000;
const TURN_WAIT_MS = 60_000;
/** Mended and checked in turns; what still differs after so many is for people. */
const MOST_PASSES = 6;

/**
 * Brings a region back into service, as far as it may: waits for what comes by itself, has its search domains brought back or
 * compared, empties its cache, and turns its switch.
 *
 * @throws UsageError, or an error of the arbiter's client
 */
export async function readmitRegion(asked: Readmitting): Promise<Readmitted> {
  const opened = await openRegion(asked.region, asked.state, asked.directory);
  try {
    return await new Readmittance(asked, opened).run();
  } finally {
    await opened.close();
  }
}

class Readmittance {
  readonly #asked: Readmitting;
  readonly #opened: OpenRegion;
  readonly #startedAtMs = performance.now();
  readonly #compared = new Set<DomainName>();
  readonly #ordered = new Set<DomainName>();
  #told: readonly string[] = [];
  #serves = false;

  constructor(asked: Readmitting, opened: OpenRegion) {
    this.#asked = asked;
    this.#opened = opened;
  }

  async run(): Promise<Readmitted> {
    const { mode, signal } = this.#asked;
    this.#serves = await this.#isServing();
    const reports = await this.#opened.reportCount();
    await this.#untilHeard(reports);
    for (;;) {
      const seen = await this.#opened.look({ reports, compared: this.#compared });
      const missing = missingIn(seen);
      this.#tell(missing);
      if (signal.aborted) return this.#outcome('interrupted', missing);
      if (missing.length === 0) return mode === 'check' ? this.#outcome('unchanged') : this.#open();
      if (mode === 'check' || this.#elapsedMs() > this.#asked.waitMs) return this.#outcome('missing', missing);
      const hasActed = await this.#bringDomainsBack(seen, missing);
      if (!hasActed) await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** A report that was there before may be of before the loss. */
  async #untilHeard(reports: number): Promise<void> {
    const endsAtMs = performance.now() + REPORT_WITHIN_MS;
    while (performance.now() < endsAtMs && !this.#asked.signal.aborted) {
      if ((await this.#opened.reportCount()) > reports) return;
      await pause(LOOK_EVERY_MS / 4);
    }
  }

  /** @returns whether something was done that took its time */
  async #bringDomainsBack({ domains }: Seen, missing: readonly Missing[]): Promise<boolean> {
    const isOnlyDomains = missing.every(({ subject }) => subject === 'domains');
    for (const { name, readmission, pausedBy, isVerified } of domains) {
      const isOut = readmission.step === 'out' || pausedBy !== undefined;
      if (isOut && !this.#ordered.has(name)) {
        this.#ordered.add(name);
        await this.#opened.readmit(name);
        this.#asked.tell(`the controller is asked to bring the search domain ${name} back`);
      }
      // Rows of a replica that is behind would say that the domain is ahead.
      if (!isOut && readmission.step === 'in' && !isVerified && isOnlyDomains) {
        if (await this.#compare(name)) this.#compared.add(name);
        return true;
      }
    }
    return false;
  }

  /** @returns whether a check found nothing */
  async #compare(name: DomainName): Promise<boolean> {
    const { state, directory, signal, tell } = this.#asked;
    const comparison = await openComparison(name, state, directory);
    const bar = createBar(process.stderr, comparison.parts.clock.monotonicMs);
    try {
      await comparison.provision();
      for (let pass = 0; pass < MOST_PASSES && !signal.aborted; pass += 1) {
        const mode = pass % 2 === 0 ? 'mend' : 'check';
        const { tally } = await compare(comparison.parts, {
          mode,
          signal,
          settle: async (found) => countSettled(await comparison.settle(name, found)),
          onProgress: (progress) => bar.update(shownOf(progress)),
        });
        const differing = differencesIn(tally);
        bar.close();
        tell(
          `the search domain ${name}: ${tally.compared} members compared, ${differing} differed, ${tally.written} written`,
        );
        if (mode === 'check' && differing === 0 && !signal.aborted) return true;
      }
      return false;
    } finally {
      bar.close();
      await comparison.close();
    }
  }

  /** Its cache first, if it is on: what it knew of before is gone when the first request comes. Names lead to it last. */
  async #open(): Promise<Readmitted> {
    const { region } = this.#asked;
    const { decisions, audit } = this.#opened.switches.arbiter;
    if (await this.#isServing()) return this.#outcome('unchanged');
    const { records } = await decisions.switchBook();
    const { mode, generation } = JSON.parse(records[`cache/${region}`]?.text ?? '{"mode":"on","generation":1}');
    // One that is off is turned on under a new generation, by whoever turned it off.
    if (mode === 'off') {
      this.#asked.tell(this.#offText());
    } else {
      const emptied = await this.#turn(`cache/${region}`, { mode, generation: generation + 1 });
      if (emptied.length > 0) return this.#outcome('refused', [], emptied);
    }
    for (const mode of ['draining', 'active']) {
      const opened = await this.#turn(`regions/${region}`, mode);
      if (opened.length > 0) return this.#outcome('refused', [], opened);
    }
    await audit.append({
      subject: `region/${region}`,
      actor: 'twinkeep region readmit',
      action: `readmitted region ${region}`,
      outcome: 'done',
      reason:
        'Its stores are in step, its events are applied, its search domains are compared, and its cache begins anew.',
    });
    return this.#outcome('readmitted');
  }

  async #isServing(): Promise<boolean> {
    const { records } = await this.#opened.switches.arbiter.decisions.switchBook();
    return JSON.parse(records[`regions/${this.#asked.region}`]?.text ?? 'null') === 'active';
  }

  #offText(): string {
    const name = `cache/${this.#asked.region}`;
    return `${name} is off. While failover/auto is on, what a controller turned off comes back by itself; else turn it on under a new generation.`;
  }

  /** @returns why not; nothing if it stands and both regions go by it */
  async #turn(name: string, value: unknown): Promise<readonly string[]> {
    const { region, tell, terminal } = this.#asked;
    const told = { region: otherRegion(region), regions: REGIONS, waitMs: TURN_WAIT_MS, tell, terminal };
    const turned = await turn(this.#opened.switches, { name, text: JSON.stringify(value), ...told });
    const isDone = turned.outcome === 'accepted' || turned.outcome === 'unchanged';
    return isDone ? [] : [`${name} is ${turned.outcome}.`, ...(turned.reasons ?? [])];
  }

  #tell(missing: readonly Missing[]): void {
    this.#asked.tellMissing(missing.filter(({ says }) => !this.#told.includes(says)));
    this.#told = missing.map(({ says }) => says);
  }

  #outcome(
    outcome: Readmitted['outcome'],
    missing: readonly Missing[] = [],
    reasons: readonly string[] = [],
  ): Readmitted {
    const { region, tell } = this.#asked;
    const tookS = Math.round(this.#elapsedMs() / 100) / 10;
    const says = {
      readmitted: `Region ${region} serves again, after ${tookS} s.`,
      unchanged: `Nothing is missing in region ${region}.`,
      missing: `Region ${region} ${this.#serves ? 'serves, and would not be readmitted now' : 'stays as it is'}: ${missing.length === 1 ? '1 thing is' : `${missing.length} things are`} missing.`,
      refused: `Region ${region} is not readmitted: ${reasons.join(' ')}`,
      interrupted: 'Interrupted.',
    };
    tell(says[outcome]);
    return { region, outcome, missing, reasons, tookS };
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAtMs;
  }
}
