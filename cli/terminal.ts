import type { Terminal } from './commands/command';

/** The terminal, or whatever else this process reads its words from and writes to. */
export const processTerminal: Terminal = {
  out: (text) => {
    process.stdout.write(text);
  },
  error: (text) => {
    process.stderr.write(text);
  },
  environment: process.env,
  isTerminal: process.stdout.isTTY === true,
  size: () => {
    const { columns, rows } = process.stdout;
    return process.stdout.isTTY === true ? { columns, rows } : undefined;
  },
  onResize: (act) => {
    process.stdout.on('resize', act);
    return () => process.stdout.off('resize', act);
  },
};

/**
 * Ends the process once everything was written. Left to itself, Node waits for whatever a driver has not closed, and may do
 * so busily and without end.
 */
export function endWith(code: number): void {
  process.stdout.write('', () => process.exit(code));
}
