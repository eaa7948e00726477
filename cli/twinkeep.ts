import { commands } from './commands';
import { run } from './run';
import { processTerminal } from './terminal';

void run(commands, process.argv.slice(2), processTerminal).then((code) => {
  process.exitCode = code;
});
