import { commands } from './commands';
import { run } from './run';
import { endWith, processTerminal } from './terminal';

void run(commands, process.argv.slice(2), processTerminal).then(endWith);
