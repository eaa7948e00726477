import { type Algorithm, decision } from './decision';

/** The calls of the running window. */
export interface CounterState {
  readonly startUs: number;
  readonly used: number;
}

/** Fixed windows, one after another: so many calls in each, whenever they come. Across a boundary twice as many may. */
export const counter: Algorithm<CounterState> = ({ calls, windowUs }, state, { nowUs, wanted }) => {
  const isRunning = state !== undefined && nowUs < state.startUs + windowUs;
  const startUs = isRunning ? state.startUs : nowUs - (nowUs % windowUs);
  const used = isRunning ? state.used : 0;
  const granted = Math.max(0, Math.min(wanted, calls - used));
  const leftUs = startUs + windowUs - nowUs;
  return decision({ startUs, used: used + granted }, { granted, retryAfterUs: leftUs, goodForUs: leftUs });
};
