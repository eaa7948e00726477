import type { Tally } from './progress';

/** Where the import of a file stands, as someone who waits wants to know it. */
export interface Standing {
  readonly file: string;
  readonly tally: Tally;
  readonly retries: number;
  readonly readBytes: number;
  readonly totalBytes: number;
  /** Lines done by this run, without those of an earlier one. */
  readonly done: number;
  readonly elapsedMs: number;
}

export interface Display {
  update(standing: Standing): void;
  /** Something worth a line of its own. */
  note(text: string): void;
  close(): void;
}

export const silentDisplay: Display = { update: () => {}, note: () => {}, close: () => {} };

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR_CELLS = 24;
const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5000;
const GREEN = '\u001b[32m';
const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';
const CLEAR_LINE = '\r\u001b[K';

/** A bar on a terminal, a line every five seconds elsewhere; colours only where they are wanted. */
export function createDisplay(output: Output, environment: NodeJS.ProcessEnv): Display {
  return output.isTTY === true ? new BarDisplay(output, hasColours(environment)) : new LineDisplay(output);
}

function hasColours(environment: NodeJS.ProcessEnv): boolean {
  return !environment.NO_COLOR && environment.TERM !== 'dumb';
}

class BarDisplay implements Display {
  readonly #output: Output;
  readonly #colours: boolean;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #bar = '';

  constructor(output: Output, colours: boolean) {
    this.#output = output;
    this.#colours = colours;
  }

  update(standing: Standing): void {
    if (standing.elapsedMs - this.#shownAtMs < BAR_EVERY_MS && !isWhole(standing)) return;
    this.#shownAtMs = standing.elapsedMs;
    const filled = Math.round(share(standing) * BAR_CELLS);
    const bar = this.#paint(GREEN, '█'.repeat(filled)) + '░'.repeat(BAR_CELLS - filled);
    this.#bar = `${bar} ${describe(standing, (text) => this.#paint(RED, text))}`;
    this.#output.write(CLEAR_LINE + this.#bar);
  }

  note(text: string): void {
    this.#output.write(`${CLEAR_LINE}${text}\n${this.#bar}`);
  }

  close(): void {
    if (this.#bar !== '') this.#output.write('\n');
    this.#bar = '';
    this.#shownAtMs = Number.NEGATIVE_INFINITY;
  }

  #paint(colour: string, text: string): string {
    return this.#colours && text !== '' ? `${colour}${text}${PLAIN}` : text;
  }
}

class LineDisplay implements Display {
  readonly #output: Output;
  #shownAtMs = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  update(standing: Standing): void {
    if (standing.elapsedMs - this.#shownAtMs < LINE_EVERY_MS) return;
    this.#shownAtMs = standing.elapsedMs;
    this.#output.write(`${standing.file}: ${describe(standing, (text) => text)}\n`);
  }

  note(text: string): void {
    this.#output.write(`${text}\n`);
  }

  close(): void {
    this.#shownAtMs = 0;
  }
}

function describe(standing: Standing, alarm: (text: string) => string): string {
  const { tally, retries, done, elapsedMs } = standing;
  const perS = done / Math.max(0.001, elapsedMs / 1000);
  return [
    `${Math.floor(share(standing) * 100)} %`,
    `${tally.registered} registered`,
    ...(tally.failed > 0 ? [alarm(`${tally.failed} failed`)] : []),
    ...(retries > 0 ? [`${retries} retries`] : []),
    `${Math.round(perS)}/s`,
  ].join(', ');
}

function share({ readBytes, totalBytes }: Standing): number {
  return totalBytes === 0 ? 1 : Math.min(1, readBytes / totalBytes);
}

function isWhole({ readBytes, totalBytes }: Standing): boolean {
  return readBytes >= totalBytes;
}
