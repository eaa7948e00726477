import { openQueue, queueNames } from '../dead-letters';
import { readState, type SystemState } from '../state';
import { EXIT, UsageError } from '../usage';
import { type Command, table } from './command';
import { directoryOf, directoryOption, reasonOf } from './system-options';

interface Listed {
  readonly queue: string;
  readonly region: string;
  readonly deadLetters?: number;
  /** Why it could not be asked. */
  readonly failure?: string;
}

export const deadLettersList: Command = {
  name: 'dead-letters list',
  synopsis: '[queue]',
  summary: 'count the messages of each queue that could not be processed',
  help: `Counts are as good as the queue service's own: about right while messages move.

  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 all counted, 2 not understood, 3 a queue did not answer.`,
  options: directoryOption,
  async run({ values, positionals, terminal }) {
    if (positionals.length > 1) throw new UsageError('Name one queue, or none for all of them.');
    const state = await readState(directoryOf(values));
    const names = positionals.length > 0 ? positionals : queueNames();
    const listed = await Promise.all(names.map((name) => count(name, state)));
    const rows = listed.map(({ queue, region, deadLetters, failure }) => [
      queue,
      region,
      deadLetters === undefined ? `? (${failure})` : String(deadLetters),
    ]);
    terminal.out(
      values.json === true ? `${JSON.stringify(listed)}\n` : table([['queue', 'region', 'dead letters'], ...rows]),
    );
    return listed.some(({ failure }) => failure !== undefined) ? EXIT.unreachable : EXIT.done;
  },
};

async function count(name: string, state: SystemState): Promise<Listed> {
  const letters = openQueue(name, state);
  const { name: queue, region } = letters.queue;
  try {
    return { queue, region, deadLetters: await letters.count() };
  } catch (error) {
    return { queue, region, failure: reasonOf(error) };
  } finally {
    letters.close();
  }
}
