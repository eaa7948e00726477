import type { Terminal } from './commands/command';

const CODES = { green: 32, red: 31, yellow: 33, dim: 2 } as const;
export type Colour = keyof typeof CODES;

/** Colours text where a person sees it, and leaves it alone elsewhere. */
export function coloured({ isTerminal, environment }: Terminal, colour: Colour, text: string): string {
  if (isTerminal !== true || environment.NO_COLOR || environment.TERM === 'dumb') return text;
  return `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}
