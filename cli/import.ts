import { importCommand } from './commands/import';
import { runCommand } from './run';
import { processTerminal } from './terminal';

void runCommand(importCommand, process.argv.slice(2), processTerminal).then((code) => {
  process.exitCode = code;
});
