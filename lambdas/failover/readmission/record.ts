import type { DomainName } from '../../../topology';
import type { Audit, Decisions, DomainRecord } from '../../arbiter';
import type { Clock } from '../../core';
import { NEVER_OUT, type Readmission, type ReadmissionEvent, readmissionAfter } from './readmission';

/** What is written down of a domain. */
interface Stored {
  readonly readmission: Readmission;
  /** Who works on it, so that others need not; nothing rests on it. */
  readonly holder?: { readonly id: string; readonly untilMs: number };
}

/** Someone else works on it, or has changed it: whoever is told so stops. */
export class HeldElsewhere extends Error {
  constructor(domain: DomainName) {
    super(`somebody else readmits the search domain ${domain}`);
    this.name = 'HeldElsewhere';
  }
}

/** Longer than any step goes on without writing down how far it is, or waits between two comparisons. */
const HELD_FOR_MS = 25_000;

/** The readmission of one domain as it is written down, each change on condition that nobody else has made one. */
export class ReadmissionRecord {
  readonly #decisions: Pick<Decisions, 'domain' | 'changeDomain'>;
  readonly #domain: DomainName;
  readonly #holder: string;
  readonly #clock: Clock;
  #record: DomainRecord = { revision: 0, state: undefined };

  /** @param holder stands for whoever works on it, and for nobody else */
  constructor(options: {
    decisions: Pick<Decisions, 'domain' | 'changeDomain'>;
    domain: DomainName;
    holder: string;
    clock: Clock;
  }) {
    this.#decisions = options.decisions;
    this.#domain = options.domain;
    this.#holder = options.holder;
    this.#clock = options.clock;
  }

  get readmission(): Readmission {
    return storedIn(this.#record).readmission;
  }

  /** Reads it, and takes it for this holder. @throws HeldElsewhere */
  async take(event: ReadmissionEvent): Promise<Readmission> {
    this.#record = await this.#decisions.domain(this.#domain);
    const { holder } = storedIn(this.#record);
    const isTaken = holder !== undefined && holder.id !== this.#holder;
    if (isTaken && isHeld(holder.untilMs - this.#clock.nowMs())) throw new HeldElsewhere(this.#domain);
    return this.apply(event);
  }

  /** Writes down what follows from an event. @throws HeldElsewhere if someone else has written since it was read */
  async apply(event: ReadmissionEvent): Promise<Readmission> {
    const readmission = readmissionAfter(this.readmission, event);
    const holder = { id: this.#holder, untilMs: this.#clock.nowMs() + HELD_FOR_MS };
    await this.#write({ readmission, holder });
    return readmission;
  }

  /** Lets others take it at once. */
  async release(): Promise<void> {
    await this.#write({ readmission: this.readmission });
  }

  async #write(stored: Stored): Promise<void> {
    if (!(await this.#decisions.changeDomain(this.#domain, this.#record, stored)))
      throw new HeldElsewhere(this.#domain);
    this.#record = { revision: this.#record.revision + 1, state: stored };
  }
}

/** Nobody says that he holds it for longer than he may: his clock was ahead, and he may be gone. */
function isHeld(leftMs: number): boolean {
  return leftMs > 0 && leftMs <= 2 * HELD_FOR_MS;
}

function storedIn({ state }: DomainRecord): Stored {
  return (state as Stored | undefined) ?? { readmission: NEVER_OUT };
}

const ATTEMPTS = 10;

/**
 * Notes lists that a domain is about to leave, so that they can be put back as they were.
 *
 * @throws Problem UNAVAILABLE where the arbiter does not answer
 */
export async function noteLeft(
  decisions: Pick<Decisions, 'domain' | 'changeDomain'>,
  domain: DomainName,
  { list, before }: { list: string; before: readonly DomainName[] },
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const record = await decisions.domain(domain);
    const stored = storedIn(record);
    const readmission = readmissionAfter(stored.readmission, { kind: 'left', domain, list, before });
    if (readmission === stored.readmission) return;
    if (await decisions.changeDomain(domain, record, { ...stored, readmission })) return;
  }
  throw new Error(`what is known of the search domain ${domain} is changed all the time`);
}

/**
 * Notes for each domain that a list of a class is about to lose how the list was.
 *
 * @param turn `list`: name of the switch; `value`: what it is to be turned to
 */
export async function noteLeaving(
  decisions: Pick<Decisions, 'domain' | 'changeDomain' | 'acceptedSwitch'>,
  { list, value }: { list: string; value: readonly DomainName[] },
): Promise<void> {
  const before = ((await decisions.acceptedSwitch(list))?.value ?? []) as readonly DomainName[];
  for (const domain of before.filter((name) => !value.includes(name)))
    await noteLeft(decisions, domain, { list, before });
}

/**
 * Notes that a replay went on without a domain, and tells so. Whoever is at bringing it back loses it, and it begins anew.
 *
 * @param missed `because`: follows the domain in a sentence; `isPaused`: whether its events are
 * @throws Problem UNAVAILABLE where the arbiter does not answer
 */
export async function noteMissed(
  { decisions, audit }: { decisions: Pick<Decisions, 'domain' | 'changeDomain'>; audit: Pick<Audit, 'append'> },
  domain: DomainName,
  missed: { because: string; isPaused: boolean },
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const record = await decisions.domain(domain);
    const readmission = readmissionAfter(storedIn(record).readmission, { kind: 'missed', ...missed });
    if (!(await decisions.changeDomain(domain, record, { readmission } satisfies Stored))) continue;
    return audit.append({
      subject: `domain/${domain}`,
      actor: 'failover',
      action: `wants the search domain ${domain} to be compared with all rows`,
      outcome: 'noted',
      reason: missed.because,
    });
  }
  throw new Error(`what is known of the search domain ${domain} is changed all the time`);
}

/** How it stands with a domain, for whoever only looks. */
export async function readmissionOf(decisions: Pick<Decisions, 'domain'>, domain: DomainName): Promise<Readmission> {
  return (await readmissionWithRevision(decisions, domain)).readmission;
}

/** The same, with what rises whenever something is written down of it. */
export async function readmissionWithRevision(
  decisions: Pick<Decisions, 'domain'>,
  domain: DomainName,
): Promise<{ readonly readmission: Readmission; readonly revision: number }> {
  const record = await decisions.domain(domain);
  return { readmission: storedIn(record).readmission, revision: record.revision };
}
