import { type Algorithm, type Decision, decision } from './decision';

/** A window is looked at in so many parts: more are more exact, and more to keep. */
const PARTS = 100;

/** Calls of one part of a window, by its end. */
export type Part = readonly [endUs: number, calls: number];

/** The parts that have calls, the oldest first. */
export interface SlidingWindowState {
  readonly parts: readonly Part[];
}

/**
 * So many calls in every window, wherever it begins. Calls are kept by the hundredth of a window in which they came, and
 * leave it when the last of that hundredth has: so there are never too many, and at most 1 % too few.
 */
export const slidingWindow: Algorithm<SlidingWindowState> = ({ calls, windowUs }, state, { nowUs, wanted }) => {
  const kept = (state?.parts ?? []).filter(([endUs]) => endUs + windowUs > nowUs);
  const used = kept.reduce((sum, [, count]) => sum + count, 0);
  if (wanted < 0) return withGivenBack(kept, Math.min(-wanted, used), windowUs);
  const granted = Math.max(0, Math.min(wanted, calls - used));
  const [oldestUs = nowUs] = kept[0] ?? [];
  return decision(
    { parts: granted === 0 ? kept : withCalls(kept, endOfPart(nowUs, windowUs), granted) },
    { granted, retryAfterUs: oldestUs + windowUs - nowUs },
  );
};

function endOfPart(nowUs: number, windowUs: number): number {
  const partUs = Math.ceil(windowUs / PARTS);
  return nowUs - (nowUs % partUs) + partUs;
}

function withCalls(parts: readonly Part[], endUs: number, calls: number): Part[] {
  const last = parts.at(-1);
  return last?.[0] === endUs ? [...parts.slice(0, -1), [endUs, last[1] + calls]] : [...parts, [endUs, calls]];
}

/** From the oldest on, whichever part they are of: what is left leaves the window no earlier than what has passed. */
function withGivenBack(kept: readonly Part[], calls: number, windowUs: number): Decision<SlidingWindowState> {
  let left = calls;
  const parts = kept.flatMap(([endUs, count]): Part[] => {
    const taken = Math.min(left, count);
    left -= taken;
    return taken === count ? [] : [[endUs, count - taken]];
  });
  return decision({ parts }, { granted: 0 - calls, retryAfterUs: windowUs });
}
