import { CacheCensus } from '../../lambdas/cache';
import { type CensusTally, type StaleEntry, takeCensus } from '../../lambdas/failover';
import type { Region } from '../../topology';
import { cacheAddress, createBar, openStores, writersOf } from '../reconcile';
import { readState } from '../state';
import { EXIT } from '../usage';
import type { Command } from './command';
import { interruption } from './interruption';
import { directoryOf, reasonOf } from './system-options';

/** So many entries are named; the rest is counted. */
const MOST_NAMED = 20;

interface Outcome {
  readonly cache: Region;
  readonly mode: 'check' | 'mend';
  readonly status: 'done' | 'interrupted';
  readonly tally: CensusTally;
  readonly named: readonly Omit<StaleEntry, 'key'>[];
}

type Call = Parameters<Command['run']>[0];

/** Holds what a region's cache answers against the rows, and lets it forget what is stale. @returns the exit code */
export async function reconcileCache(region: Region, { values, terminal }: Call): Promise<number> {
  const mode = values.check === true ? 'check' : 'mend';
  const directory = directoryOf(values);
  const state = await readState(directory);
  const stores = await openStores(region, state, directory);
  const census = new CacheCensus({ region, address: cacheAddress(state, region) });
  const interrupted = interruption(() =>
    terminal.error('\nFinishing what is under way; press Ctrl-C again to stop at once.\n'),
  );
  const { arbiter, shards, clock } = stores.parts;
  const bar = values.quiet === true ? undefined : createBar(process.stderr, clock.monotonicMs);
  const named: Omit<StaleEntry, 'key'>[] = [];
  try {
    const setting = (await arbiter.decisions.acceptedSwitch(`cache/${region}`))?.value as { generation: number };
    const tally = await takeCensus(
      { census, recovery: shards.recovery, writers: () => writersOf(arbiter, region), clock },
      {
        mode,
        generation: setting.generation,
        signal: interrupted.signal,
        // The name of a look-up is made from personal data.
        onFound: (stale) =>
          void named.push(...stale.slice(0, MOST_NAMED - named.length).map(({ key: _, ...entry }) => entry)),
        onProgress: ({ share, tally: { compared, stale } }) =>
          bar?.update({ share, done: compared, verb: 'compared', also: stale > 0 ? [`${stale} stale`] : [] }),
      },
    );
    bar?.close();
    const status = interrupted.signal.aborted ? 'interrupted' : 'done';
    const outcome: Outcome = { cache: region, mode, status, tally, named };
    terminal.out(values.json === true ? `${JSON.stringify(outcome)}\n` : describe(outcome));
    if (status === 'interrupted') return EXIT.interrupted;
    return tally.stale > tally.dropped ? EXIT.failed : EXIT.done;
  } catch (error) {
    bar?.close();
    terminal.error(`The cache of region ${region} can't be compared now: ${reasonOf(error)}\n`);
    return EXIT.unreachable;
  } finally {
    interrupted.end();
    census.close();
    await stores.close();
  }
}

function describe({ cache, status, tally, named }: Outcome): string {
  const { compared, stale, dropped } = tally;
  return [
    `cache ${cache}: ${compared} entries compared, ${stale === 0 ? 'none is stale' : `${stale} stale`}`,
    ...(dropped > 0 ? [`${dropped} forgotten: the next read fills them anew`] : []),
    ...named.map(
      ({ memberId, kind, cached, row }) => `  member ${memberId}: ${kind}, cached ${cached}, row ${row ?? 'missing'}`,
    ),
    ...(status === 'interrupted' ? ['Interrupted. It begins anew when it is run again.'] : []),
    '',
  ].join('\n');
}
