import type { AuditRecord } from '../../lambdas/arbiter';
import { DOMAIN_NAMES, REGIONS, SWITCHES, UNITS } from '../../topology';
import { type Colour, coloured } from '../colours';
import { readState } from '../state';
import { openSwitchSystem } from '../switches';
import { EXIT, readCount, UsageError } from '../usage';
import { type Command, type Terminal, textOption } from './command';
import { directoryOf, directoryOption, reasonOf } from './system-options';

const DEFAULT_LIMIT = '20';
const MOST = 1000;
const COLOURS: Readonly<Record<AuditRecord['outcome'], Colour>> = {
  accepted: 'green',
  refused: 'red',
  done: 'green',
  noted: 'yellow',
};

const SUBJECTS: readonly string[] = [
  ...UNITS.map(({ name }) => `unit/${name}`),
  ...DOMAIN_NAMES.map((name) => `domain/${name}`),
  ...REGIONS.flatMap((region) => [`region/${region}`, `cache/${region}`]),
  ...SWITCHES.map(({ name }) => `switch/${name}`),
];

const CALLER = /^caller\/[\w-]{1,64}$/;

/** Options of every command that tells from the audit, and what they mean. */
export const auditOptions = { ...directoryOption, limit: { type: 'string', default: DEFAULT_LIMIT } } as const;
export const AUDIT_OPTIONS_HELP = `  --limit N      at most so many entries (default ${DEFAULT_LIMIT})
  --directory D  where the local system keeps its state
  --json         as JSON, one entry a line

Exit codes: 0 told, 2 not understood, 3 the arbiter did not answer.`;

export const auditCommand: Command = {
  name: 'audit',
  synopsis: '[<subject>] [--limit N]',
  summary: 'tell what was decided and done, by whom and why; the newest first',
  help: `Units, search domains and regions are told of step by step; what spoke against something stands there too. Without a
subject it tells of all of them.

  <subject>      unit/<unit>, domain/<domain>, region/<region>, cache/<region>, switch/<name> or caller/<id>; the name of a switch
                 alone will do, and cache/<region> tells of its switch too
${AUDIT_OPTIONS_HELP}`,
  options: auditOptions,
  async run({ values, positionals, terminal }) {
    const [subject, ...others] = positionals;
    const subjects = subject === undefined ? SUBJECTS : subjectsOf(subject);
    if (others.length > 0 || subjects.length === 0) {
      throw new UsageError(`Name one subject, or none: ${SUBJECTS.join(', ')}, caller/<id>.`);
    }
    return tellAudit({
      subjects,
      values,
      terminal,
      nothing:
        subject === undefined ? 'Nothing has been decided yet.' : `Nothing has been decided about ${subject} yet.`,
    });
  },
};

/** What is kept in the audit under this name, or under that of the switch; nothing where there is no such thing. */
function subjectsOf(name: string): string[] {
  return [name, `switch/${name}`].filter((subject) => SUBJECTS.includes(subject) || CALLER.test(subject));
}

/** @returns the exit code */
export async function tellAudit(asked: {
  readonly subjects: readonly string[];
  readonly values: Parameters<Command['run']>[0]['values'];
  readonly terminal: Terminal;
  /** Said where there is no entry. */
  readonly nothing: string;
}): Promise<number> {
  const { subjects, values, terminal, nothing } = asked;
  const limit = readCount('limit', textOption(values, 'limit') ?? DEFAULT_LIMIT, { least: 1, most: MOST });
  const system = openSwitchSystem(await readState(directoryOf(values)));
  try {
    const told = await Promise.all(subjects.map((subject) => system.arbiter.audit.list(subject, { limit })));
    const records = told
      .flat()
      .sort((one, other) => (one.at < other.at ? 1 : -1))
      .slice(0, limit);
    for (const record of records) {
      terminal.out(values.json === true ? `${JSON.stringify(record)}\n` : sentence(record, terminal));
    }
    if (records.length === 0 && values.json !== true) terminal.out(`${nothing}\n`);
    return EXIT.done;
  } catch (error) {
    terminal.error(`The audit can't be read: ${reasonOf(error)}\n`);
    return EXIT.unreachable;
  } finally {
    await system.close();
  }
}

function sentence({ at, outcome, actor, action, reason }: AuditRecord, terminal: Terminal): string {
  const word = coloured(terminal, COLOURS[outcome], outcome.padEnd('accepted'.length));
  const indented = reason === undefined ? '' : `${' '.repeat(at.length + 2)}${reason}\n`;
  return `${at}  ${word}  ${actor} ${action}\n${indented}`;
}
