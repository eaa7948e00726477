import { readFile } from 'node:fs/promises';
import {
  createDisplay,
  DEFAULT_CONCURRENCY,
  DEFAULT_GIVE_UP_AFTER_MS,
  type ImportOptions,
  ImportRefused,
  importFiles,
  type Summary,
  silentDisplay,
  type Target,
} from '../importer';
import { DEFAULT_DIRECTORY, readState } from '../state';
import { EXIT, readCount, UsageError } from '../usage';
import { type Command, textOption } from './command';
import { interruption } from './interruption';

type Values = Parameters<Command['run']>[0]['values'];

const CALLER = 'importer';
const DEFAULT_GIVE_UP_AFTER_S = DEFAULT_GIVE_UP_AFTER_MS / 1000;

const EXIT_OF_STATUS: Readonly<Record<Summary['status'], number>> = {
  done: EXIT.done,
  'lines-failed': EXIT.failed,
  'gave-up': EXIT.unreachable,
  interrupted: EXIT.interrupted,
};

export const importCommand: Command = {
  name: 'import',
  synopsis: '<members.csv> [more.csv ...] [options]',
  summary: 'register the members of CSV files; can be interrupted and repeated, and registers nobody twice',
  help: `Lines that are refused stand in <file>.errors.csv, which can be corrected and imported. See docs/import.md.

  --directory D        where the local system keeps its state (default ${DEFAULT_DIRECTORY})
  --api URL            import into the system at this address instead
  --api-key-file F     file that holds the API key for it; else the variable TWINKEEP_API_KEY
  --concurrency N      lines in flight at a time (default ${DEFAULT_CONCURRENCY})
  --give-up-after S    seconds for which a line is tried again (default ${DEFAULT_GIVE_UP_AFTER_S})
  --scope TEXT         keeps imports apart: equal lines of another scope are other members
  --output-directory D where error reports and progress go (default: beside each file)
  --dry-run            check the form of every line, send nothing
  --quiet              no progress
  --json               the summary as JSON

Exit codes: 0 all done, 1 some lines failed, 2 not understood or refused, 3 the API could not be reached,
130 interrupted. After 3 and 130 the same command goes on where it was.`,
  options: {
    directory: { type: 'string', default: DEFAULT_DIRECTORY },
    api: { type: 'string' },
    'api-key-file': { type: 'string' },
    concurrency: { type: 'string', default: String(DEFAULT_CONCURRENCY) },
    'give-up-after': { type: 'string', default: String(DEFAULT_GIVE_UP_AFTER_S) },
    scope: { type: 'string' },
    'output-directory': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
  async run({ values, positionals, terminal }) {
    if (positionals.length === 0) throw new UsageError('Name at least one CSV file to import.');
    const options = await readOptions(values, positionals, terminal.environment);
    const interrupted = interruption(() =>
      terminal.error('\nFinishing what is in flight; press Ctrl-C again to stop at once.\n'),
    );
    try {
      const summary = await importFiles({ ...options, signal: interrupted.signal });
      const dryRun = options.dryRun === true;
      terminal.out(values.json === true ? `${JSON.stringify(told(summary, dryRun))}\n` : describe(summary, dryRun));
      return EXIT_OF_STATUS[summary.status];
    } catch (error) {
      if (error instanceof ImportRefused) throw new UsageError(error.message, { cause: error });
      throw error;
    } finally {
      interrupted.end();
    }
  },
};

async function readOptions(
  values: Values,
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ImportOptions> {
  const scope = textOption(values, 'scope');
  const outputDirectory = textOption(values, 'output-directory');
  const giveUpAfterS = readCount('give-up-after', textOption(values, 'give-up-after') ?? '', {
    least: 1,
    most: 86_400,
  });
  const concurrency = readCount('concurrency', textOption(values, 'concurrency') ?? '', { least: 1, most: 1024 });
  const dryRun = values['dry-run'] === true;
  return {
    files,
    dryRun,
    concurrency,
    ...(dryRun ? {} : { target: await readTarget(values, environment) }),
    giveUpAfterMs: giveUpAfterS * 1000,
    ...(scope === undefined ? {} : { scope }),
    ...(outputDirectory === undefined ? {} : { outputDirectory }),
    display: values.quiet === true ? silentDisplay : createDisplay(process.stderr, environment),
  };
}

async function readTarget(values: Values, environment: NodeJS.ProcessEnv): Promise<Target> {
  const api = textOption(values, 'api');
  const given = await readKey(textOption(values, 'api-key-file'), environment);
  if (api !== undefined) {
    if (!/^https?:$/.test(URL.canParse(api) ? new URL(api).protocol : ''))
      throw new UsageError(`--api ${api} is no URL`);
    if (given === undefined)
      throw new UsageError('--api needs a key: --api-key-file F or the variable TWINKEEP_API_KEY');
    return { apis: [api], apiKey: given };
  }
  const state = await readState(textOption(values, 'directory') ?? DEFAULT_DIRECTORY);
  const apiKey = given ?? state.callers.find(({ id }) => id === CALLER)?.apiKey;
  if (apiKey === undefined) throw new UsageError(`The local system knows no caller "${CALLER}".`);
  return { apis: [state.regions.A.api, state.regions.B.api], apiKey };
}

async function readKey(file: string | undefined, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (file === undefined) return environment.TWINKEEP_API_KEY || undefined;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--api-key-file ${file} can't be read`, { cause: error });
  });
  // Anything else would be refused by the HTTP client at every line.
  if (/^[\x21-\x7e]+$/.test(text.trim())) return text.trim();
  throw new UsageError(`--api-key-file ${file} holds no API key`);
}

const CLOSING: Readonly<Record<Summary['status'], string>> = {
  done: '',
  'lines-failed':
    'Correct the lines in the report and import it: what is registered already is never registered twice.\n',
  'gave-up': 'Run the same command again to go on.\n',
  interrupted: 'Interrupted. Run the same command again to go on.\n',
};

/** For programs. What was only looked at is registered nowhere. */
function told(summary: Summary, dryRun: boolean) {
  if (!dryRun) return { ...summary, dryRun };
  const files = summary.files.map(({ tally, ...file }) => {
    return { ...file, tally: { ...tally, registered: 0, wellFormed: tally.registered } };
  });
  return { ...summary, registered: 0, wellFormed: summary.registered, files, dryRun };
}

function describe(summary: Summary, dryRun: boolean): string {
  const lines = summary.files.map(({ file, tally, report }) => {
    const counts = [
      `${tally.registered} ${dryRun ? 'well-formed' : 'registered'}`,
      `${tally.failed} failed`,
      ...(tally.blank > 0 ? [`${tally.blank} blank`] : []),
    ];
    return `${file}: ${counts.join(', ')}${report === undefined ? '' : ` (see ${report})`}\n`;
  });
  if (dryRun) return lines.join('');
  const gaveUp = summary.gaveUp === undefined ? '' : `Gave up: ${summary.gaveUp}\n`;
  return `${lines.join('')}${gaveUp}${CLOSING[summary.status]}`;
}
