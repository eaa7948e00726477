import { type Act, subjectOf } from './view';

/** What was tried, or said, about one thing, and is still planned. */
export interface Attempt {
  readonly text: string;
  readonly times: number;
  readonly lastAtMs: number;
}

/** By what the act is about. */
export type Attempts = Readonly<Record<string, Attempt>>;

const FIRST_PAUSE_MS = 5000;
const MOST_PAUSE_MS = 60_000;

/**
 * Which of the planned acts are due, and what is remembered of them. An act that is still planned at the next look was
 * refused, or has not shown its effect yet: it is tried again after a pause that doubles. What is only said is said once.
 */
export function due(
  acts: readonly Act[],
  known: Attempts,
  nowMs: number,
): { readonly due: readonly Act[]; readonly attempts: Attempts } {
  const decided = acts.map((act) => {
    const subject = subjectOf(act);
    const text = JSON.stringify(act);
    const before = known[subject]?.text === text ? known[subject] : undefined;
    const isDue = before === undefined || (act.kind !== 'hold-back' && isOver(before, nowMs));
    const attempt = isDue ? { text, times: (before?.times ?? 0) + 1, lastAtMs: nowMs } : before;
    return { act, subject, isDue, attempt };
  });
  return {
    due: decided.filter(({ isDue }) => isDue).map(({ act }) => act),
    attempts: Object.fromEntries(decided.map(({ subject, attempt }) => [subject, attempt])),
  };
}

function isOver({ times, lastAtMs }: Attempt, nowMs: number): boolean {
  return Math.abs(nowMs - lastAtMs) >= Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 1));
}
