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
};
