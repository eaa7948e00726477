import type { Arbiter, UnitDecision } from '../../lambdas/arbiter';
import type { DeadLetterQueue } from '../../lambdas/sync';
import { QUEUES, SWITCHES } from '../../topology';
import { openArbiter } from '../arbiter';
import { openQueue } from '../dead-letters';
import type { SystemState } from '../state';

export interface UnitStanding {
  readonly unit: string;
  readonly writer: string;
  readonly mode: string;
  readonly epoch: number;
  /** Longest lease that may run. */
  readonly leaseS: number;
  /** How long ago `top` has seen the lease renewed; undefined at its first look. */
  readonly renewedS: number | undefined;
  /** Of the transition that it is in. */
  readonly step?: string;
}

export interface QueueStanding {
  readonly queue: string;
  readonly region: string;
  /** Absent, as the others are, where the queue does not answer. */
  readonly waiting?: number;
  readonly deadLetters?: number;
  /** For how long `top` has seen it hold messages: what lies there may be older. */
  readonly busyS?: number;
}

export interface SwitchStanding {
  readonly name: string;
  readonly value: unknown;
}

/** What stands in the arbiter and the queues; a part that does not answer is undefined. */
export interface Standing {
  readonly units: readonly UnitStanding[] | undefined;
  /** Switches that are not as they are in a new system. */
  readonly switches: readonly SwitchStanding[] | undefined;
  readonly queues: readonly QueueStanding[] | undefined;
}

/** A queue or the arbiter that takes longer is shown as away; the next look asks again. */
const PATIENCE_MS = 2500;

/** Asks the arbiter and the queues of a local system. */
export class StandingLook {
  readonly #arbiter: Arbiter;
  readonly #queues: readonly DeadLetterQueue[];
  readonly #renewals = new Map<string, { readonly count: number; readonly seenMs: number }>();
  readonly #busySinceMs = new Map<string, number>();

  constructor(state: SystemState) {
    this.#arbiter = openArbiter(state);
    this.#queues = QUEUES.map(({ name }) => openQueue(name, state));
  }

  async look(nowMs: number): Promise<Standing> {
    const [units, book, queues] = await Promise.all([
      inTime(this.#arbiter.decisions.units()),
      inTime(this.#arbiter.decisions.switchBook()),
      Promise.all(this.#queues.map((queue) => this.#queue(queue, nowMs))),
    ]);
    return {
      units: units?.map((decision) => this.#unit(decision, nowMs)),
      switches: book && turned(Object.entries(book.records).map(([name, { text }]) => ({ name, text }))),
      queues: queues.some(({ waiting }) => waiting !== undefined) ? queues : undefined,
    };
  }

  close(): void {
    this.#arbiter.close();
    for (const queue of this.#queues) queue.close();
  }

  #unit({ unit, writer, mode, epoch, grantedMs, renewals, transition }: UnitDecision, nowMs: number): UnitStanding {
    const key = `${unit} ${epoch}`;
    const before = this.#renewals.get(key);
    const isNew = before === undefined || before.count !== renewals;
    if (isNew) this.#renewals.set(key, { count: renewals, seenMs: nowMs });
    return {
      unit,
      writer,
      mode,
      epoch,
      leaseS: grantedMs / 1000,
      renewedS: before && (isNew ? 0 : (nowMs - before.seenMs) / 1000),
      ...(transition !== undefined && { step: transition.step }),
    };
  }

  async #queue(queue: DeadLetterQueue, nowMs: number): Promise<QueueStanding> {
    const { name, region } = queue.queue;
    const counts = await inTime(Promise.all([queue.countWaiting(), queue.count()]));
    if (counts === undefined) return { queue: name, region };
    const [waiting, deadLetters] = counts;
    if (waiting === 0) this.#busySinceMs.delete(name);
    else if (!this.#busySinceMs.has(name)) this.#busySinceMs.set(name, nowMs);
    const busyS = (nowMs - (this.#busySinceMs.get(name) ?? nowMs)) / 1000;
    return { queue: name, region, waiting, deadLetters, busyS };
  }
}

export function turned(accepted: readonly { readonly name: string; readonly text: string }[]): SwitchStanding[] {
  return accepted.flatMap(({ name, text }) => {
    const definition = SWITCHES.find((one) => one.name === name);
    const value: unknown = JSON.parse(text);
    return definition === undefined || JSON.stringify(definition.defaultValue) === JSON.stringify(value)
      ? []
      : [{ name, value }];
  });
}

async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  return Promise.race([asked.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}
