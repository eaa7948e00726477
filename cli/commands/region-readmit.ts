import { coloured } from '../colours';
import { type Missing, type Readmitted, readmitRegion } from '../regions';
import { readState } from '../state';
import { EXIT, readCount, UsageError } from '../usage';
import { type Command, type Terminal, textOption } from './command';
import { interruption } from './interruption';
import { regionOf } from './switch-names';
import { directoryOf, directoryOption, reasonOf } from './system-options';

const DEFAULT_WAIT_S = '600';
const MOST_WAIT_S = 86_400;
const MS_PER_S = 1000;

export const regionReadmit: Command = {
  name: 'region readmit',
  synopsis: '<region> [--check] [--wait S]',
  summary: 'let a region that was lost serve again, once everything in it is caught up and compared',
  help: `A region that was lost is fenced and stays so, whatever comes back in it. This looks at what must be well first: heartbeats are
heard; its databases follow their writers; its Parameter Store holds what was accepted; its events are applied; its cache has
taken the fences that it is owed; its search domains hold what the rows say, for which they are brought back or compared. Then
its cache, if it is on, is emptied by raising its generation, and regions/<region> is turned to "active", by the rules of every switch.
May be interrupted, and called again. Units that have moved stay where they are: ask for them by units/<unit>.

  --check        say what is missing, and do nothing
  --wait S       seconds to wait for what is missing (default ${DEFAULT_WAIT_S})
  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 the region serves, or nothing is missing (--check), 1 something is missing, 2 not understood,
3 the arbiter or a store did not answer, 130 interrupted.`,
  options: {
    ...directoryOption,
    check: { type: 'boolean', default: false },
    wait: { type: 'string', default: DEFAULT_WAIT_S },
  },
  async run({ values, positionals, terminal }) {
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new UsageError('Name one region, A or B.');
    const region = regionOf(name);
    const waitS = readCount('wait', textOption(values, 'wait') ?? DEFAULT_WAIT_S, { least: 1, most: MOST_WAIT_S });
    const directory = directoryOf(values);
    const isJson = values.json === true;
    const tell = (line: string) => (isJson ? undefined : terminal.out(`${line}\n`));
    const interrupted = interruption(() =>
      terminal.error(
        '\nEnding. Unless the region is being opened already, nothing has been decided; call it again to go on.\n',
      ),
    );
    try {
      const readmitted = await readmitRegion({
        region,
        state: await readState(directory),
        directory,
        mode: values.check === true ? 'check' : 'readmit',
        waitMs: waitS * MS_PER_S,
        signal: interrupted.signal,
        tell,
        tellMissing: (missing) => tellMissing(missing, tell, terminal),
        terminal,
      });
      if (isJson) terminal.out(`${JSON.stringify(readmitted)}\n`);
      return exitCodeOf(readmitted);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      terminal.error(`Region ${region} can't be readmitted now: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      interrupted.end();
    }
  },
};

function tellMissing(missing: readonly Missing[], tell: (line: string) => void, terminal: Terminal): void {
  for (const { subject, says } of missing) tell(`${coloured(terminal, 'yellow', 'missing')}  ${subject}: ${says}`);
}

function exitCodeOf({ outcome, missing }: Readmitted): number {
  if (outcome === 'interrupted') return EXIT.interrupted;
  return missing.length === 0 && outcome !== 'refused' ? EXIT.done : EXIT.failed;
}
