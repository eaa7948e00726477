import { join, resolve } from 'node:path';
import { compare, type Difference, differencesIn, isRowsToDecide, type Progress } from '../../lambdas/failover';
import { DOMAIN_NAMES, type DomainName } from '../../topology';
import { createBar, openComparison, PositionFile } from '../reconcile';
import { readState } from '../state';
import { EXIT, UsageError } from '../usage';
import type { Command } from './command';
import { interruption } from './interruption';
import { directoryOf, directoryOption, reasonOf } from './system-options';

/** So many members are named; the rest is counted. */
const MOST_NAMED = 20;

interface Outcome {
  readonly domain: DomainName;
  readonly mode: 'check' | 'mend';
  readonly status: 'done' | 'interrupted';
  readonly tally: Progress['tally'];
  /** Some of those that rows do not decide; in a check, of all. */
  readonly named: readonly Difference[];
}

export const reconcileCommand: Command = {
  name: 'reconcile',
  synopsis: '<domain> [--check] [--thorough]',
  summary: 'compare a search domain with the rows, which are the truth, and write what it lacks',
  help: `Ranges of members are compared by sums that the engines make; only what differs is read. What the domain has not heard of
is written from the rows. What it has ahead of the rows, or without one, is named and left alone. May be interrupted:
the same command goes on where it was.

  <domain>       ${DOMAIN_NAMES.join(', ')}
  --check        change nothing
  --thorough     read every document and look-up, and find what sums do not see
  --anew         begin at the beginning, although an interrupted one could go on
  --quiet        no progress
  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 nothing differs, or all that did is written, 1 something differs still, 2 not understood,
3 a store did not answer, 130 interrupted.`,
  options: {
    ...directoryOption,
    check: { type: 'boolean', default: false },
    thorough: { type: 'boolean', default: false },
    anew: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
  async run({ values, positionals, terminal }) {
    const domain = domainOf(positionals);
    const mode = values.check === true ? 'check' : 'mend';
    const isThorough = values.thorough === true;
    const directory = directoryOf(values);
    const opened = await openComparison(domain, await readState(directory), directory);
    const path = join(resolve(directory), `reconcile-${domain}.json`);
    const position = new PositionFile(path, `${mode}${isThorough ? ', thorough' : ''}`);
    const interrupted = interruption(() =>
      terminal.error('\nFinishing what is under way; press Ctrl-C again to stop at once.\n'),
    );
    const bar = values.quiet === true ? undefined : createBar(process.stderr, opened.parts.clock.monotonicMs);
    const named: Difference[] = [];
    try {
      if (mode === 'mend') await opened.provision();
      const from = values.anew === true ? undefined : await position.read();
      const { tally } = await compare(opened.parts, {
        mode,
        isThorough,
        ...(from === undefined ? {} : { from }),
        signal: interrupted.signal,
        onFound: (found) => void named.push(...found.slice(0, MOST_NAMED - named.length)),
        onProgress: async (progress) => {
          bar?.update(progress);
          await position.write(progress);
        },
      });
      bar?.close();
      const status = interrupted.signal.aborted ? 'interrupted' : 'done';
      if (status === 'done') await position.remove();
      const outcome: Outcome = { domain, mode, status, tally, named };
      terminal.out(values.json === true ? `${JSON.stringify(outcome)}\n` : describe(outcome));
      return exitCodeOf(outcome);
    } catch (error) {
      bar?.close();
      terminal.error(`${domain} can't be compared now: ${reasonOf(error)}\nThe same command goes on where it was.\n`);
      return EXIT.unreachable;
    } finally {
      interrupted.end();
      await opened.close();
    }
  },
};

function domainOf(positionals: readonly string[]): DomainName {
  const [name, ...others] = positionals;
  const found = DOMAIN_NAMES.find((candidate) => candidate === name);
  if (found !== undefined && others.length === 0) return found;
  throw new UsageError(`Name one search domain: ${DOMAIN_NAMES.join(', ')}.`);
}

function exitCodeOf({ mode, status, tally }: Outcome): number {
  if (status === 'interrupted') return EXIT.interrupted;
  const differing = differencesIn(tally) - (mode === 'mend' ? tally.written : 0);
  return differing > 0 ? EXIT.failed : EXIT.done;
}

function describe({ domain, mode, status, tally, named }: Outcome): string {
  const kinds = Object.entries(tally.found).filter(([, count]) => count > 0);
  const differing = kinds.length === 0 ? ['nothing differs'] : kinds.map(([kind, count]) => `${count} ${kind}`);
  return [
    `${domain}: ${[`${tally.compared} members compared`, ...differing].join(', ')}`,
    ...(mode === 'mend' && tally.written > 0 ? [`${tally.written} written from their rows`] : []),
    ...(tally.refused > 0 ? [`${tally.refused} refused by the domain`] : []),
    ...named.map(nameOf),
    ...(status === 'interrupted' ? ['Interrupted. Run the same command again to go on.'] : []),
    '',
  ].join('\n');
}

function nameOf(difference: Difference): string {
  const { memberId, kind, row, domain } = difference;
  const hint = isRowsToDecide(difference) ? '' : ' (its row does not decide)';
  return `  member ${memberId}: ${kind}, row ${row ?? 'missing'}, domain ${domain ?? 'missing'}${hint}`;
}
