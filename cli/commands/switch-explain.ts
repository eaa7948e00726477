import { EXIT, UsageError } from '../usage';
import type { Command } from './command';
import { switchOf } from './switch-names';

export const switchExplain: Command = {
  name: 'switch explain',
  synopsis: '<name>',
  summary: 'say what a switch does, what it may be turned to, what that may cost, and how it is turned back',
  help: `Asks no system.

  --json   as JSON

Exit codes: 0 told, 2 not understood.`,
  options: {},
  async run({ values, positionals, terminal }) {
    if (positionals.length > 1) throw new UsageError('Name one switch.');
    const { name, effect, values: may, defaultValue, blastRadius, turnBack, runbook } = switchOf(positionals[0]);
    if (values.json === true) {
      const told = { name, effect, values: may, defaultValue, blastRadius, turnBack, runbook };
      terminal.out(`${JSON.stringify(told)}\n`);
      return EXIT.done;
    }
    terminal.out(
      [
        name,
        `  ${effect}`,
        '',
        `  may be turned to   ${may}`,
        `  at first           ${JSON.stringify(defaultValue)}`,
        `  concerns           ${blastRadius}`,
        `  to turn it back    ${turnBack}`,
        `  read on            ${runbook}`,
        '',
      ].join('\n'),
    );
    return EXIT.done;
  },
};
