import type { AuditRecord } from '../../lambdas/arbiter';
import { subjectOf } from '../../lambdas/switches';
import { DOMAIN_NAMES } from '../../topology';
import { type Colour, coloured } from '../colours';
import { readState } from '../state';
import { openSwitchSystem } from '../switches';
import { EXIT, readCount, UsageError } from '../usage';
import { type Command, type Terminal, textOption } from './command';
import { switchOf } from './switch-names';
import { directoryOf, directoryOption, reasonOf } from './system-options';

const DEFAULT_LIMIT = '20';
const MOST = 1000;
const COLOURS: Readonly<Record<AuditRecord['outcome'], Colour>> = {
  accepted: 'green',
  refused: 'red',
  done: 'green',
  noted: 'yellow',
};

export const switchHistory: Command = {
  name: 'switch history',
  synopsis: '<name> [--limit N]',
  summary: 'tell who turned a switch when, to what, and what became of it; the newest first',
  help: `From the audit, which keeps what was refused, too, with the reasons. For units/<unit> each step of its moves is told,
for sync/<domain> each step of its way back.

  --limit N      at most so many entries (default ${DEFAULT_LIMIT})
  --directory D  where the local system keeps its state
  --json         as JSON, one entry a line

Exit codes: 0 told, 2 not understood, 3 the arbiter did not answer.`,
  options: { ...directoryOption, limit: { type: 'string', default: DEFAULT_LIMIT } },
  async run({ values, positionals, terminal }) {
    if (positionals.length > 1) throw new UsageError('Name one switch.');
    const { name } = switchOf(positionals[0]);
    const limit = readCount('limit', textOption(values, 'limit') ?? DEFAULT_LIMIT, { least: 1, most: MOST });
    const system = openSwitchSystem(await readState(directoryOf(values)));
    try {
      const told = await Promise.all(subjectsOf(name).map((subject) => system.arbiter.audit.list(subject, { limit })));
      const records = told
        .flat()
        .sort((one, other) => (one.at < other.at ? 1 : -1))
        .slice(0, limit);
      for (const record of records) {
        terminal.out(values.json === true ? `${JSON.stringify(record)}\n` : sentence(record, terminal));
      }
      if (records.length === 0 && values.json !== true) terminal.out(`Nobody has turned ${name} yet.\n`);
      return EXIT.done;
    } catch (error) {
      terminal.error(`The audit can't be read: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      await system.close();
    }
  },
};

/** What became of a unit, or of a search domain, is told beside the turns of its switch. */
function subjectsOf(name: string): readonly string[] {
  const [kind, thing] = name.split('/');
  if (kind === 'units') return [subjectOf(name), `unit/${thing}`];
  return kind === 'sync' && DOMAIN_NAMES.some((domain) => domain === thing)
    ? [subjectOf(name), `domain/${thing}`]
    : [subjectOf(name)];
}

function sentence({ at, outcome, actor, action, reason }: AuditRecord, terminal: Terminal): string {
  const word = coloured(terminal, COLOURS[outcome], outcome.padEnd('accepted'.length));
  const indented = reason === undefined ? '' : `${' '.repeat(at.length + 2)}${reason}\n`;
  return `${at}  ${word}  ${actor} ${action}\n${indented}`;
}
