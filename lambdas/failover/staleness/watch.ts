import { setTimeout as pause } from 'node:timers/promises';
import { DOMAIN_NAMES, DOMAINS, type DomainName, type Region } from '../../../topology';
import type { Decisions } from '../../arbiter';
import { THE_BEGINNING } from '../../cache';
import type { Clock, Log } from '../../core';
import type { Domain } from '../../search';
import type { Shards } from '../../shards';
import { type CensusParts, type CensusProgress, denialsAmong, NOTHING_SEEN, takeCensus } from '../census';
import { BEFORE_ALL, compare, differencesIn, NOTHING_YET, type Progress } from '../comparison';
import { changedLately, measureLag } from './lag';
import { type Found, unintended } from './told';

export interface WatchParts {
  readonly region: Region;
  readonly decisions: Pick<Decisions, 'units' | 'acceptedSwitch'>;
  readonly shards: Pick<Shards, 'ranges' | 'recovery'>;
  readonly domains: Readonly<Record<DomainName, Pick<Domain, 'ranges' | 'refresh'>>>;
  readonly census: CensusParts['census'];
  readonly clock: Clock;
  readonly log: Log;
  /** Between two pieces; 5 s by default. */
  readonly everyMs?: number;
  /** How long a copy may lag before it is told to be stale; by default 30 s for a domain, 5 s for a cache. */
  readonly settleMs?: number;
}

const EVERY_MS = 5000;
/** A busy queue may well hold an event for so long. */
const DOMAIN_SETTLE_MS = 30_000;
/** Caches are fenced before a write is answered. */
const CACHE_SETTLE_MS = 5000;

/**
 * Compares copies with the rows all the time, a small piece every few seconds: the search domains of its region by sums of
 * ranges, its cache entry by entry, what that denies by the accounts of members that are met there or were changed lately,
 * and how late the domains hear of what was changed lately. It mends nothing, and tells.
 */
export class StalenessWatch {
  readonly #parts: WatchParts;
  /** How far each copy's pass has come: kept for the next invocation of the same environment. */
  readonly #domains = new Map<DomainName, Pick<Progress, 'cursor' | 'tally'>>();
  #cache: Pick<CensusProgress, 'place' | 'tally'> = { place: THE_BEGINNING, tally: NOTHING_SEEN };
  /** Of the run that is under way. */
  #ending: AbortController | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** For so long, or until it is stopped. Does nothing while another run of this environment is under way. */
  async run(forMs: number): Promise<void> {
    if (this.#ending !== undefined) return;
    // A timer that is held: signals that are made of others may be collected before they are aborted.
    const ending = new AbortController();
    this.#ending = ending;
    const timer = setTimeout(() => ending.abort(), forMs);
    try {
      await this.#lookAtAll(ending.signal);
    } finally {
      clearTimeout(timer);
      this.#ending = undefined;
    }
  }

  /** Ends the run that is under way. */
  stop(): void {
    this.#ending?.abort();
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    const { region } = this.#parts;
    const own = DOMAIN_NAMES.filter((name) => DOMAINS[name].region === region);
    await Promise.all([
      this.#again(`cache ${region}`, signal, () => this.#lookAtCache(signal)),
      this.#again(`cache ${region}`, signal, () => this.#lookAtNewBindings()),
      ...own.flatMap((name) => [
        this.#again(`domain ${name}`, signal, () => this.#lookAtDomain(name, signal)),
        this.#again(`domain ${name}`, signal, () => this.#lookAtLag(name)),
      ]),
    ]);
  }

  /** What fails is tried again: that something is lost is told by others. */
  async #again(copy: string, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      if (await this.#isGivenUp()) {
        await this.#rest(signal);
        continue;
      }
      await look().catch((error: Error) =>
        this.#parts.log.warn('a copy could not be compared with the rows', { copy, error }),
      );
      await this.#rest(signal);
    }
  }

  /** One pass, in pieces. What was found and not confirmed yet when it is ended is found again by the next one. */
  async #lookAtDomain(name: DomainName, signal: AbortSignal): Promise<void> {
    const { decisions, shards, domains, region, clock, settleMs = DOMAIN_SETTLE_MS } = this.#parts;
    // It is late by somebody's will.
    if ((await decisions.acceptedSwitch(`sync/${name}`))?.value === 'paused') return;
    const copy = `domain ${name}`;
    const writers = () => this.#writers();
    const { tally } = await compare(
      { ranges: shards.ranges, domain: domains[name], region, writers, clock, settleMs },
      {
        mode: 'check',
        from: this.#domains.get(name) ?? { cursor: BEFORE_ALL, tally: NOTHING_YET },
        signal,
        onProgress: async ({ cursor, tally: counted }) => {
          this.#domains.set(name, { cursor, tally: counted });
          await this.#rest(signal);
        },
        onFound: (found) => this.#tell(copy, found),
      },
    );
    if (signal.aborted) return;
    this.#domains.delete(name);
    this.#tellPass(copy, tally.compared, differencesIn(tally));
  }

  async #lookAtCache(signal: AbortSignal): Promise<void> {
    const { census, shards, region, clock, settleMs = CACHE_SETTLE_MS } = this.#parts;
    const copy = `cache ${region}`;
    const writers = () => this.#writers();
    const { compared, stale } = await takeCensus(
      { census, recovery: shards.recovery, writers, clock, settleMs },
      {
        mode: 'check',
        generation: await this.#generation(),
        from: this.#cache,
        signal,
        onProgress: async ({ place, tally }) => {
          this.#cache = { place, tally };
          await this.#rest(signal);
        },
        onFound: (found) => this.#tell(copy, found),
      },
    );
    if (signal.aborted) return;
    this.#cache = { place: THE_BEGINNING, tally: NOTHING_SEEN };
    this.#tellPass(copy, compared, stale);
  }

  /** Whoever asked for an account before it was bound may have left a denial behind. */
  async #lookAtNewBindings(): Promise<void> {
    const { census, shards, region, clock } = this.#parts;
    const { recovery } = shards;
    const rows = await changedLately(recovery, { region, clock });
    const parts = { census, recovery, writers: () => this.#writers(), clock };
    await this.#tell(`cache ${region}`, await denialsAmong(parts, rows, await this.#generation()));
  }

  async #generation(): Promise<number> {
    const { decisions, region } = this.#parts;
    const setting = (await decisions.acceptedSwitch(`cache/${region}`))?.value as { generation: number } | undefined;
    return setting?.generation ?? 0;
  }

  async #lookAtLag(name: DomainName): Promise<void> {
    const { shards, domains, region, clock, log } = this.#parts;
    const { sampled, behind, lagMs } = await measureLag(shards.recovery, domains[name], { region, clock });
    if (sampled > 0) log.info('a copy follows the rows', { copy: `domain ${name}`, sampled, behind, lagMs });
  }

  async #writers(): Promise<(unit: string) => Region> {
    const { decisions, region } = this.#parts;
    const units = new Map((await decisions.units()).map(({ unit, writer }) => [unit, writer]));
    return (unit) => units.get(unit) ?? region;
  }

  async #tell(copy: string, found: readonly Found[]): Promise<void> {
    if (found.length === 0) return;
    const { decisions, log } = this.#parts;
    for (const { memberId, kind } of unintended(found, await decisions.units())) {
      log.error('a copy is stale', { copy, memberId, kind });
    }
  }

  #tellPass(copy: string, compared: number, stale: number): void {
    this.#parts.log.info('a copy was compared with the rows', { copy, compared, stale });
  }

  /** Between two pieces; as long as comparing is given up, there is no next one. */
  async #rest(signal: AbortSignal): Promise<void> {
    do {
      await pause(this.#parts.everyMs ?? EVERY_MS, undefined, { signal }).catch(() => undefined);
    } while (!signal.aborted && (await this.#isGivenUp()));
  }

  async #isGivenUp(): Promise<boolean> {
    const accepted = await this.#parts.decisions.acceptedSwitch('degrade/comparison').catch(() => undefined);
    return accepted?.value === 'on';
  }
}
