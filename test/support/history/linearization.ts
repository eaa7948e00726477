/**
 * Whether a history can have happened one operation after another, each between its call and its answer.
 *
 * The search is that of J. Wing and C. Gong (Testing and verifying concurrent objects, 1993) with the memory of G. Lowe
 * (Testing for linearizability, 2017): a set of operations that took effect, with the state that they lead to, is
 * looked at once. As in Lowe's just-in-time variant an operation takes effect only when the answer of one that is
 * over asks for it, so that all possibilities are carried from answer to answer, and the first answer that none of
 * them can explain is the violation. Histories are cut by key before they come here (A. Horn and D. Kroening, Faster
 * linearizability checking via P-compositionality, 2015).
 */

/** An operation as the search sees it. */
export interface Task<State> {
  readonly invokedAt: number;
  /** Infinity where the outcome is unknown: it may take effect at any later time, or never. */
  readonly returnedAt: number;
  /** It changes nothing, so it may take effect wherever it fits. */
  readonly observes: boolean;
  /** States after it took effect with what was answered; empty where it cannot have. */
  step(state: State): readonly State[];
}

export interface Sequential<State, T extends Task<State> = Task<State>> {
  readonly initial: State;
  /** Equal for equal states only. */
  keyOf(state: State): string;
  /** Whether an operation can take effect neither in this state nor in any that follows: what need not be tried. */
  isPast?(state: State, task: T): boolean;
}

export type Verdict<State, T extends Task<State> = Task<State>> =
  | { readonly kind: 'linearizable' }
  /** No order explains the answer of `task`; `states` were possible just before it. */
  | { readonly kind: 'violated'; readonly task: T; readonly states: readonly State[] }
  /** The budget was spent: nothing is known. */
  | { readonly kind: 'undecided'; readonly task: T };

/** One way in which everything answered so far can have happened. */
interface Possibility<State> {
  readonly state: State;
  readonly key: string;
  /** Bits of operations that have taken effect although their answers are still to come, or never will. */
  readonly ahead: bigint;
}

const DEFAULT_BUDGET = 1_000_000;

/** @param budget states after which the search gives up */
export function linearize<State, T extends Task<State>>(
  tasks: readonly T[],
  model: Sequential<State, T>,
  budget = DEFAULT_BUDGET,
): Verdict<State, T> {
  for (const slack of SLACKS) {
    const verdict = new Search(tasks, model, budget, slack).run();
    if (verdict.kind !== 'violated' || slack === Number.POSITIVE_INFINITY) return verdict;
  }
  throw new Error('the last search is the whole one');
}

/**
 * How many effects more than needed an answer's explanation may take. Where many outcomes are unknown, hardly any of them
 * took effect unseen: that is tried first, and only what no such order explains is searched for in all of them.
 */
const SLACKS: readonly number[] = [0, 1, Number.POSITIVE_INFINITY];

class Search<State, T extends Task<State>> {
  readonly #tasks: readonly T[];
  readonly #model: Sequential<State, T>;
  /** Observers that fit each state that was met. */
  readonly #fitting = new Map<string, bigint>();
  readonly #observers: bigint;
  readonly #optional: bigint;
  #pending = 0n;
  #budget: number;
  readonly #slack: number;

  constructor(tasks: readonly T[], model: Sequential<State, T>, budget: number, slack: number) {
    this.#tasks = tasks;
    this.#model = model;
    this.#budget = budget;
    this.#slack = slack;
    this.#observers = bitsWhere(tasks, ({ observes }) => observes);
    this.#optional = bitsWhere(tasks, ({ returnedAt }) => returnedAt === Number.POSITIVE_INFINITY);
  }

  run(): Verdict<State, T> {
    const { initial } = this.#model;
    let possible: Possibility<State>[] = [{ state: initial, key: this.#model.keyOf(initial), ahead: 0n }];
    for (const { index, task, isAnswer } of eventsOf(this.#tasks)) {
      const bit = 1n << BigInt(index);
      if (!isAnswer) {
        this.#pending |= bit;
        if (task.observes) possible = possible.map((one) => this.#observed(one));
        continue;
      }
      const explained = this.#explain(possible, index);
      this.#pending &= ~bit;
      if (this.#budget < 0) return { kind: 'undecided', task };
      if (explained.length === 0) return { kind: 'violated', task, states: possible.map(({ state }) => state) };
      possible = this.#withoutDominated(explained.map((one) => ({ ...one, ahead: one.ahead & ~bit })));
    }
    return { kind: 'linearizable' };
  }

  /** Every way to let the wanted operation have taken effect, each with as little else as it needs. */
  #explain(possible: readonly Possibility<State>[], wanted: number): Possibility<State>[] {
    const bit = 1n << BigInt(wanted);
    const task = this.#tasks[wanted] as T;
    const explained: Possibility<State>[] = [];
    const fronts = new Fronts<State>((one, other) => this.#dominates(one, other));
    // Nearest first: what takes fewer effects dominates what takes more.
    let reached = [...possible];
    let levelsLeft = Number.POSITIVE_INFINITY;
    while (reached.length > 0 && this.#budget >= 0 && levelsLeft >= 0) {
      const further: Possibility<State>[] = [];
      for (const one of reached) {
        if (!fronts.admit(one, this.#requiredOf(one))) continue;
        if ((one.ahead & bit) !== 0n) explained.push(one);
        else if (this.#model.isPast?.(one.state, task) !== true) further.push(...this.#next(one));
      }
      reached = further;
      if (explained.length > 0) levelsLeft = Math.min(levelsLeft, this.#slack + 1) - 1;
    }
    return explained;
  }

  #next(one: Possibility<State>): Possibility<State>[] {
    const open = this.#pending & ~one.ahead & ~this.#observers;
    const indices = bitsOf(open);
    this.#budget -= indices.length;
    return indices.flatMap((index) => {
      const task = this.#tasks[index] as T;
      const ahead = one.ahead | (1n << BigInt(index));
      return task
        .step(one.state)
        .map((state) => this.#observed({ state, key: this.#model.keyOf(state), ahead }))
        .filter(({ key }) => key !== one.key || (this.#optional & (1n << BigInt(index))) === 0n);
    });
  }

  /** Lets every observer that fits take effect: it takes no possibility away. */
  #observed(one: Possibility<State>): Possibility<State> {
    let fitting = this.#fitting.get(one.key);
    if (fitting === undefined) {
      fitting = bitsWhere(this.#tasks, (task) => task.observes && task.step(one.state).length > 0);
      this.#fitting.set(one.key, fitting);
    }
    return { ...one, ahead: one.ahead | (fitting & this.#pending) };
  }

  #withoutDominated(possible: readonly Possibility<State>[]): Possibility<State>[] {
    const fronts = new Fronts<State>((one, other) => this.#dominates(one, other));
    for (const one of possible) fronts.admit(one, this.#requiredOf(one));
    return fronts.all();
  }

  #requiredOf({ ahead }: Possibility<State>): bigint {
    return ahead & ~this.#optional & ~this.#observers;
  }

  /** In one state, whoever has spent fewer unknown effects and observed more can do all that the other can. */
  #dominates(one: Possibility<State>, other: Possibility<State>): boolean {
    const spentMore = one.ahead & this.#optional & ~other.ahead;
    const observedLess = other.ahead & this.#observers & ~one.ahead;
    return spentMore === 0n && observedLess === 0n;
  }
}

/** Possibilities of which none dominates another. */
class Fronts<State> {
  readonly #places = new Map<string, Possibility<State>[]>();
  readonly #dominates: (one: Possibility<State>, other: Possibility<State>) => boolean;

  constructor(dominates: (one: Possibility<State>, other: Possibility<State>) => boolean) {
    this.#dominates = dominates;
  }

  /** @returns whether it is worth following: nothing in its place can do all that it can */
  admit(one: Possibility<State>, required: bigint): boolean {
    const place = `${required.toString(36)} ${one.key}`;
    const front = this.#places.get(place) ?? [];
    if (front.some((other) => this.#dominates(other, one))) return false;
    this.#places.set(place, [...front.filter((other) => !this.#dominates(one, other)), one]);
    return true;
  }

  all(): Possibility<State>[] {
    return [...this.#places.values()].flat();
  }
}

interface Event<T> {
  readonly at: number;
  readonly index: number;
  readonly task: T;
  readonly isAnswer: boolean;
}

function eventsOf<State, T extends Task<State>>(tasks: readonly T[]): Event<T>[] {
  const events = tasks.flatMap((task, index): Event<T>[] => {
    const call = { at: task.invokedAt, index, task, isAnswer: false };
    if (task.returnedAt === Number.POSITIVE_INFINITY) return [call];
    return [call, { at: task.returnedAt, index, task, isAnswer: true }];
  });
  return events.sort((one, other) => one.at - other.at || Number(one.isAnswer) - Number(other.isAnswer));
}

function bitsWhere<T>(list: readonly T[], isMeant: (one: T) => boolean): bigint {
  return list.reduce((bits, one, index) => (isMeant(one) ? bits | (1n << BigInt(index)) : bits), 0n);
}

function bitsOf(bits: bigint): number[] {
  const found: number[] = [];
  // Digits of base 16 are found faster than single bits of a long number.
  const digits = bits.toString(16);
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number.parseInt(digits.charAt(digits.length - 1 - place), 16);
    for (let bit = 0; bit < 4; bit += 1) if ((digit >> bit) & 1) found.push(4 * place + bit);
  }
  return found;
}
