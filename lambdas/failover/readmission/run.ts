import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DOMAIN_PREFERENCE, type DomainName, TRAFFIC_CLASSES } from '../../../topology';
import type { Audit, AuditEntry, Decisions } from '../../arbiter';
import { type Clock, isProblem, type Log } from '../../core';
import type { Domain } from '../../search';
import type { Keeper } from '../../switches';
import type { DeadLetterQueue } from '../../sync';
import { type ComparisonParts, compare, type Difference } from '../comparison';
import { CONTROLLER } from '../controller';
import { withBack } from './lists';
import { hasLeftLists, isUnderWay, type Pass, type Readmission } from './readmission';
import { HeldElsewhere, ReadmissionRecord, readmissionOf } from './record';

export interface ReadmissionParts {
  readonly decisions: Pick<Decisions, 'domain' | 'changeDomain' | 'acceptedSwitch' | 'switchBook'>;
  readonly audit: Pick<Audit, 'append'>;
  readonly keeper: Pick<Keeper, 'order'>;
  readonly domain: Pick<Domain, 'name' | 'provision' | 'ranges' | 'refresh'>;
  readonly queue: Pick<DeadLetterQueue, 'redrive' | 'countWaiting'>;
  readonly comparison: Omit<ComparisonParts, 'domain' | 'clock'>;
  /** Decides about what rows do not decide; the same may come again. @returns how many differences it settled */
  readonly settle: (differences: readonly Difference[]) => Promise<number>;
  readonly clock: Clock;
  readonly log: Log;
  /** How often at most it writes down how far a comparison has come; every 2 s by default. */
  readonly writeDownEveryMs?: number;
}

export interface ReadmissionOrder {
  /** Whoever wants the domain back; a controller's switches may be turned back by controllers. */
  readonly actor: string;
  /** After so long it stops, to be called again. */
  readonly budgetMs: number;
}

/** `elsewhere`: someone else is at it. `unfinished`: it goes on where it is when it is called again. */
export type ReadmissionOutcome = 'in' | 'out' | 'elsewhere' | 'unfinished';

/** A live queue is never empty for long: so few messages are no backlog. */
const NO_BACKLOG = 50;
const MOST_DEAD_LETTERS = 100_000;
const LOOK_EVERY_MS = 1000;
const WRITE_DOWN_EVERY_MS = 2000;
/** Between passes that found something: what was settled has to arrive, and a deletion to be forgotten. */
const BETWEEN_PASSES_MS = 15_000;
/** A store that does not answer for so long has fallen again. */
const PATIENCE_MS = 60_000;

/**
 * Brings a search domain back, as far as it gets: events on, backlog applied, compared with the rows until nothing
 * differs, lists put back. Whoever is killed at it is followed by whoever is called next.
 *
 * @throws Problem UNAVAILABLE where the arbiter does not answer
 */
export async function readmit(parts: ReadmissionParts, order: ReadmissionOrder): Promise<ReadmissionOutcome> {
  try {
    return (await isIn(parts)) ? 'in' : await new ReadmissionRun(parts, order).run();
  } catch (error) {
    if (error instanceof HeldElsewhere) return 'elsewhere';
    throw error;
  }
}

/** Nothing has to be done: the order came late, or twice. */
async function isIn({ decisions, domain }: ReadmissionParts): Promise<boolean> {
  const [readmission, sync] = await Promise.all([
    readmissionOf(decisions, domain.name),
    decisions.acceptedSwitch(`sync/${domain.name}`),
  ]);
  return readmission.step === 'in' && sync?.value !== 'paused' && !hasLeftLists(readmission);
}

/** The domain is to be left alone: its events are paused again, by a controller that saw it fall or by an operator. */
class Fallen extends Error {}

class ReadmissionRun {
  readonly #parts: ReadmissionParts;
  readonly #order: ReadmissionOrder;
  readonly #record: ReadmissionRecord;
  readonly #endsAtMs: number;

  constructor(parts: ReadmissionParts, order: ReadmissionOrder) {
    const { decisions, domain, clock } = parts;
    this.#parts = parts;
    this.#order = order;
    this.#record = new ReadmissionRecord({ decisions, domain: domain.name, holder: randomUUID(), clock });
    this.#endsAtMs = clock.monotonicMs() + order.budgetMs;
  }

  async run(): Promise<ReadmissionOutcome> {
    let state = await this.#record.take({ kind: 'asked' });
    let failingSinceMs: number | undefined;
    // One step at least, however long it took to begin.
    for (let time = 0; isUnderWay(state) && (time === 0 || !this.#isOutOfTime); time += 1) {
      try {
        state = await this.#step(state);
        failingSinceMs = undefined;
      } catch (error) {
        if (error instanceof HeldElsewhere) throw error;
        failingSinceMs ??= this.#parts.clock.monotonicMs();
        state = await this.#afterFailure(state, error as Error, this.#parts.clock.monotonicMs() - failingSinceMs);
      }
    }
    await this.#record.release();
    return isUnderWay(state) ? 'unfinished' : (state.step as 'in' | 'out');
  }

  #step(state: Readmission): Promise<Readmission> {
    switch (state.step) {
      case 'opening':
        return this.#open(state);
      case 'catching-up':
        return this.#catchUp(state);
      case 'comparing':
        return this.#compare(state);
      default:
        return this.#return(state);
    }
  }

  /** A domain that came back empty has no indices. */
  async #open(state: Readmission): Promise<Readmission> {
    const { domain, keeper, decisions } = this.#parts;
    const { actor } = this.#order;
    const name = `sync/${domain.name}`;
    const standing = await decisions.acceptedSwitch(name);
    if (standing?.value === 'paused' && !isOurs(standing.actor, actor))
      throw new Fallen(`${name} was paused by ${standing.actor}`);
    await domain.provision();
    const because = `The search domain ${domain.name} answers again and is to catch up.`;
    const ordered = await keeper.order(name, 'on', { actor, because });
    if (!ordered.accepted) throw new Fallen(`${name} could not be turned on: ${ordered.reasons.join(' ')}`);
    const { step: inStep } = await decisions.switchBook();
    return this.#go({ kind: 'opened', run: state.run, inStep }, 'lets the events of the domain be applied again');
  }

  async #catchUp(state: Readmission): Promise<Readmission> {
    const { queue } = this.#parts;
    const { moved } = await queue.redrive(MOST_DEAD_LETTERS);
    for (;;) {
      await this.#requireOpen();
      const waiting = await queue.countWaiting();
      if (waiting <= NO_BACKLOG) break;
      if (this.#isOutOfTime) return state;
      await this.#record.apply({ kind: 'asked' });
      await pause(LOOK_EVERY_MS);
    }
    return this.#go({ kind: 'caught-up', run: state.run }, `applied what had waited, and ${moved} dead letters`);
  }

  async #compare(state: Readmission): Promise<Readmission> {
    const { pass, run } = state;
    if (pass === undefined) throw new Error('a comparison without a pass');
    const ended = await this.#onePass(state, pass);
    if (ended === undefined) return this.#record.readmission;
    const { found, compared, written, settled } = ended.tally;
    const next = await this.#go(
      { kind: 'passed', run, pass: ended },
      `${pass.mode === 'mend' ? 'mended' : 'checked'} ${compared} members: ${written} written`,
      { pass: pass.number, found, settled },
    );
    const isAgain = next.step === 'comparing' && pass.mode === 'check';
    if (isAgain) await this.#wait(BETWEEN_PASSES_MS);
    return next;
  }

  /** Undefined if it was ended before its end. */
  async #onePass(state: Readmission, pass: Pass): Promise<Pass | undefined> {
    const { domain, clock, comparison, settle, writeDownEveryMs = WRITE_DOWN_EVERY_MS } = this.#parts;
    const ending = new AbortController();
    let writtenDownAtMs = clock.monotonicMs();
    let latest = pass;
    const writeDown = async () => {
      await this.#requireOpen();
      await this.#record.apply({ kind: 'advanced', run: state.run, pass: latest });
      writtenDownAtMs = clock.monotonicMs();
    };
    const end = await compare(
      { ...comparison, domain, clock },
      {
        mode: pass.mode,
        from: { cursor: BigInt(pass.cursor), tally: pass.tally },
        signal: ending.signal,
        onProgress: async ({ cursor, tally }) => {
          latest = { ...pass, cursor: String(cursor), tally };
          if (this.#isOutOfTime) ending.abort();
          if (clock.monotonicMs() - writtenDownAtMs >= writeDownEveryMs) await writeDown();
        },
        settle,
      },
    );
    if (!ending.signal.aborted) return { ...latest, cursor: String(end.cursor), tally: end.tally };
    await writeDown();
    return undefined;
  }

  async #return(state: Readmission): Promise<Readmission> {
    const { domain, decisions, keeper } = this.#parts;
    const { actor } = this.#order;
    await this.#requireOpen();
    for (const trafficClass of TRAFFIC_CLASSES) {
      const name = `search/${trafficClass}`;
      const standing = await decisions.acceptedSwitch(name);
      if (standing === undefined || !isOurs(standing.actor, actor)) continue;
      const now = standing.value as readonly DomainName[];
      const value = withBack(now, state.lists[name] ?? DOMAIN_PREFERENCE[trafficClass], domain.name);
      if (value === now) continue;
      const because = `The search domain ${domain.name} holds what the rows say again.`;
      const ordered = await keeper.order(name, value, { actor, because, expectedRevision: standing.revision });
      if (ordered.accepted) continue;
      // Whoever has turned it meanwhile knows why; it is looked at once more, and each refusal stands in the audit.
      await this.#wait(LOOK_EVERY_MS);
      return state;
    }
    return this.#go({ kind: 'returned', run: state.run }, 'readmitted the domain', { written: state.written });
  }

  /** What fails is tried again for a while, unless it was decided that the domain is to be left alone. */
  async #afterFailure(state: Readmission, error: Error, failingForMs: number): Promise<Readmission> {
    const { log, domain } = this.#parts;
    log.warn('a step of a readmission failed', { domain: domain.name, step: state.step, error });
    const isOver = error instanceof Fallen || failingForMs >= PATIENCE_MS;
    if (!isOver) {
      await this.#wait(LOOK_EVERY_MS);
      return this.#record.readmission;
    }
    const because = error instanceof Fallen || isProblem(error) ? error.message : `${error.name} in step ${state.step}`;
    if (!(error instanceof Fallen)) await this.#pauseAgain(because);
    return this.#go({ kind: 'fell', run: state.run, because }, 'left the domain out', { because });
  }

  /** So that whoever brings domains back by himself finds this one again. */
  async #pauseAgain(reason: string): Promise<void> {
    const { domain, keeper, log } = this.#parts;
    const because = `The search domain ${domain.name} could not be brought back: ${reason}.`;
    await keeper
      .order(`sync/${domain.name}`, 'paused', { actor: this.#order.actor, because })
      .catch((error: Error) => log.warn('events of a domain could not be paused', { domain: domain.name, error }));
  }

  async #requireOpen(): Promise<void> {
    const { decisions, domain } = this.#parts;
    const standing = await decisions.acceptedSwitch(`sync/${domain.name}`);
    if (standing?.value === 'paused') throw new Fallen(`its events were paused by ${standing.actor}`);
  }

  async #go(
    event: Parameters<ReadmissionRecord['apply']>[0],
    action: string,
    detail: object = {},
  ): Promise<Readmission> {
    const next = await this.#record.apply(event);
    const entry: AuditEntry = {
      subject: `domain/${this.#parts.domain.name}`,
      actor: this.#order.actor,
      action,
      outcome: 'done',
      ...(next.because === undefined ? {} : { reason: next.because }),
      detail: { run: next.run, step: next.step, ...detail },
    };
    await this.#parts.audit.append(entry);
    return next;
  }

  async #wait(ms: number): Promise<void> {
    const leftMs = this.#endsAtMs - this.#parts.clock.monotonicMs();
    if (leftMs > 0) await pause(Math.min(ms, leftMs));
  }

  get #isOutOfTime(): boolean {
    return this.#parts.clock.monotonicMs() >= this.#endsAtMs;
  }
}

/** Turned by a controller, of whatever region, or by whoever orders this. */
function isOurs(turnedBy: string, actor: string): boolean {
  return turnedBy === actor || turnedBy.startsWith(CONTROLLER);
}
