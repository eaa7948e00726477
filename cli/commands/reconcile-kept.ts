import { type KeptProgress, reconcileKept } from '../../lambdas/failover';
import { openKept, serverNames } from '../kept';
import { readState } from '../state';
import { EXIT, UsageError } from '../usage';
import type { Command } from './command';
import { interruption } from './interruption';
import { directoryOf, directoryOption, reasonOf } from './system-options';

const LINE_EVERY_MS = 5000;

export const reconcileKeptCommand: Command = {
  name: 'reconcile kept',
  synopsis: '<server>',
  summary: 'bring into the rows what a returned writer had committed, and its successor had not received',
  help: `A writer that was replaced before everything of it had arrived comes back as a replica of its successor; what only it had is
kept aside. This reads it, version by version: what no later epoch has changed is taken over, as the member's next version,
the rest is listed for people to decide. It may be repeated, and interrupted: the same command goes on where it was.
Have the data shown first: npm run local -- restore <server>

  <server>       whose data it is: ${serverNames().join(', ')}
  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 all of it is read, 2 not understood, 3 a store did not answer, or the unit takes no writes, 130 interrupted.`,
  options: directoryOption,
  async run({ values, positionals, terminal }) {
    const server = serverOf(positionals);
    const directory = directoryOf(values);
    const opened = await openKept(server, await readState(directory), directory);
    const interrupted = interruption(() =>
      terminal.error('\nFinishing what is under way; press Ctrl-C again to stop at once.\n'),
    );
    let shownAtMs = performance.now();
    try {
      const progress = await reconcileKept(opened.parts, opened.kept, {
        signal: interrupted.signal,
        onProgress: ({ rows }) => {
          if (performance.now() - shownAtMs < LINE_EVERY_MS) return;
          shownAtMs = performance.now();
          terminal.error(`${rows} rows read\n`);
        },
      });
      const { id } = opened.kept;
      terminal.out(
        values.json === true ? `${JSON.stringify({ server, id, ...progress })}\n` : describe(server, progress),
      );
      return progress.isDone ? EXIT.done : EXIT.interrupted;
    } catch (error) {
      terminal.error(`${server} can't be read now: ${reasonOf(error)}\nThe same command goes on where it was.\n`);
      return EXIT.unreachable;
    } finally {
      interrupted.end();
      await opened.close();
    }
  },
};

function serverOf(positionals: readonly string[]): string {
  const [server, ...others] = positionals;
  if (server !== undefined && others.length === 0 && serverNames().includes(server)) return server;
  throw new UsageError(`Name one database server: ${serverNames().join(', ')}.`);
}

function describe(server: string, { since, rows, reconciled, isDone }: KeptProgress): string {
  const { adopt, merge, quarantine, touch } = reconciled;
  return [
    `${server}: ${rows} rows read that were changed since ${since}`,
    `${adopt + merge} versions taken over, ${quarantine} with values that are listed, ${touch} that say nothing new`,
    ...(isDone ? [] : ['Interrupted. Run the same command again to go on.']),
    '',
  ].join('\n');
}
