import { join, resolve } from 'node:path';
import {
  compare,
  countSettled,
  type Difference,
  isRowsToDecide,
  leftIn,
  type Progress,
  type Settled,
} from '../../lambdas/failover';
import type { DomainName } from '../../topology';
import { comparisonPosition, createBar, openComparison, PositionFile, shownOf } from '../reconcile';
import { readState } from '../state';
import { EXIT } from '../usage';
import type { Command } from './command';
import { interruption } from './interruption';
import { directoryOf, reasonOf } from './system-options';

/** So many members are named; the rest is counted. */
const MOST_NAMED = 20;

interface Outcome {
  readonly domain: DomainName;
  readonly mode: 'check' | 'mend';
  readonly status: 'done' | 'interrupted';
  readonly tally: Progress['tally'];
  /** Some of those that rows do not decide; in a check, of all. */
  readonly named: readonly Difference[];
  /** What became in this run of those that rows do not decide. */
  readonly settled: Partial<Record<Settled, number>>;
}

const SETTLED_TEXT: Readonly<Record<Settled, string>> = {
  contained: 'in their rows by now',
  adopt: 'taken over whole',
  merge: 'merged into their rows',
  quarantine: 'merged in part, the rest is listed',
  touch: 'led by their rows',
  led: 'listed, and led by their rows',
  removed: 'listed, and taken out of the domain',
  left: 'left: their unit takes no writes now, or there are too many',
};

type Call = Parameters<Command['run']>[0];

/** Compares a search domain with the rows, and mends it unless only a check was asked for. @returns the exit code */
export async function reconcileDomain(domain: DomainName, { values, terminal }: Call): Promise<number> {
  const mode = values.check === true ? 'check' : 'mend';
  const isThorough = values.thorough === true;
  const directory = directoryOf(values);
  const opened = await openComparison(domain, await readState(directory), directory);
  const path = join(resolve(directory), `reconcile-${domain}.json`);
  const position = new PositionFile(path, `${mode}${isThorough ? ', thorough' : ''}`, comparisonPosition);
  const interrupted = interruption(() =>
    terminal.error('\nFinishing what is under way; press Ctrl-C again to stop at once.\n'),
  );
  const bar = values.quiet === true ? undefined : createBar(process.stderr, opened.parts.clock.monotonicMs);
  const named: Difference[] = [];
  const settled: Partial<Record<Settled, number>> = {};
  try {
    if (mode === 'mend') await opened.provision();
    const from = values.anew === true ? undefined : await position.read();
    const { tally } = await compare(opened.parts, {
      mode,
      isThorough,
      ...(from === undefined ? {} : { from: { ...from, cursor: BigInt(from.cursor) } }),
      signal: interrupted.signal,
      onFound: (found) => void named.push(...found.slice(0, MOST_NAMED - named.length)),
      settle: async (found) => {
        const outcomes = await opened.settle(domain, found);
        for (const outcome of outcomes) settled[outcome] = (settled[outcome] ?? 0) + 1;
        return countSettled(outcomes);
      },
      onProgress: async (progress) => {
        bar?.update(shownOf(progress));
        await position.write({ cursor: String(progress.cursor), tally: progress.tally });
      },
    });
    bar?.close();
    const status = interrupted.signal.aborted ? 'interrupted' : 'done';
    if (status === 'done') await position.remove();
    const outcome: Outcome = { domain, mode, status, tally, named, settled };
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
}

function exitCodeOf({ status, tally }: Outcome): number {
  if (status === 'interrupted') return EXIT.interrupted;
  return leftIn(tally) > 0 ? EXIT.failed : EXIT.done;
}

function describe({ domain, mode, status, tally, named, settled }: Outcome): string {
  const kinds = Object.entries(tally.found).filter(([, count]) => count > 0);
  const differing = kinds.length === 0 ? ['nothing differs'] : kinds.map(([kind, count]) => `${count} ${kind}`);
  return [
    `${domain}: ${[`${tally.compared} members compared`, ...differing].join(', ')}`,
    ...(mode === 'mend' && tally.written > 0 ? [`${tally.written} written from their rows`] : []),
    ...(tally.refused > 0 ? [`${tally.refused} refused by the domain`] : []),
    ...Object.entries(settled).map(([outcome, count]) => `${count} ${SETTLED_TEXT[outcome as Settled]}`),
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
