import { importCommand } from './commands/import';
import { runCommand } from './run';
import { endWith, processTerminal } from './terminal';

void runCommand(importCommand, process.argv.slice(2), processTerminal).then(endWith);
