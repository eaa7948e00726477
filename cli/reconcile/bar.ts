import { differencesIn, type Progress } from '../../lambdas/failover';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far a comparison has come. */
export interface Bar {
  update(progress: Progress): void;
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
  let comparedBefore: number | undefined;
  return {
    update(progress) {
      comparedBefore ??= progress.tally.compared;
      if (nowMs() - shownAtMs < everyMs) return;
      shownAtMs = nowMs();
      const perS = (progress.tally.compared - comparedBefore) / Math.max(0.001, (nowMs() - beganAtMs) / 1000);
      const text = describe(progress, perS);
      output.write(isTerminal ? `${CLEAR_LINE}${cells(progress.share)} ${text}` : `${text}\n`);
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

function describe({ share, tally }: Progress, perS: number): string {
  const differing = differencesIn(tally);
  return [
    `${Math.floor(share * 100)} %`,
    `${tally.compared} compared`,
    ...(differing > 0 ? [`${differing} differing`] : []),
    ...(tally.written > 0 ? [`${tally.written} written`] : []),
    `${Math.round(perS)}/s`,
  ].join(', ');
}
