/** Where pages are shown one after another. */
export interface Screen {
  show(lines: readonly string[]): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const TO_END_OF_LINE = '\u001b[K';
const TO_END_OF_SCREEN = '\u001b[J';

/** The second screen that terminals have, so that what stood there before is back afterwards. */
export function terminalScreen(out: (text: string) => void): Screen {
  out(ENTER);
  return {
    show: (lines) => {
      out(`${HOME}${lines.map((line) => `${line}${TO_END_OF_LINE}`).join('\n')}${TO_END_OF_SCREEN}`);
    },
    close: () => out(LEAVE),
  };
}

/** For what is no terminal: page below page. */
export function plainScreen(out: (text: string) => void): Screen {
  return { show: (lines) => out(`${lines.join('\n')}\n\n`), close: () => undefined };
}
