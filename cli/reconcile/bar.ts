import { differencesIn, type Progress } from '../../lambdas/failover';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far something has come. */
export interface Shown {
  /** From 0 to 1. */
  readonly share: number;
  readonly done: number;
  /** What was done: `compared`, `read`. */
  readonly verb: string;
  /** What else is to be said. */
  readonly also?: readonly string[];
}

/** Shows how far something has come. */
export interface Bar {
  update(shown: Shown): void;
  close(): void;
}

const CELLS = 24;
const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5000;
const CLEAR_LINE = '\r\u001b[K';

/** A bar on a terminal, a line every five seconds elsewhere. */
export function createBar(output: Output, nowMs: () => number): Bar {
  const isTerminal = output.isTTY === true;
  const everyMs = isTerminal ? BAR_EVERY_MS : LINE_EVERY_MS;
  const beganAtMs = nowMs();
  let shownAtMs = isTerminal ? Number.NEGATIVE_INFINITY : beganAtMs;
  let doneBefore: number | undefined;
  return {
    update(shown) {
      doneBefore ??= shown.done;
      if (nowMs() - shownAtMs < everyMs) return;
      shownAtMs = nowMs();
      const perS = (shown.done - doneBefore) / Math.max(0.001, (nowMs() - beganAtMs) / 1000);
      const text = describe(shown, perS);
      output.write(isTerminal ? `${CLEAR_LINE}${cells(shown.share)} ${text}` : `${text}\n`);
    },
    close() {
      if (isTerminal) output.write(CLEAR_LINE);
    },
  };
}

function cells(share: number): string {
  const filled = Math.round(share * CELLS);
  return '█'.repeat(filled) + '░'.repeat(CELLS - filled);
}

function describe({ share, done, verb, also = [] }: Shown, perS: number): string {
  return [`${Math.floor(share * 100)} %`, `${done} ${verb}`, ...also, `${Math.round(perS)}/s`].join(', ');
}

/** How far the comparison of a domain has come. */
export function shownOf({ share, tally }: Progress): Shown {
  const differing = differencesIn(tally);
  const also = [
    ...(differing > 0 ? [`${differing} differing`] : []),
    ...(tally.written > 0 ? [`${tally.written} written`] : []),
  ];
  return { share, done: tally.compared, verb: 'compared', also };
}
