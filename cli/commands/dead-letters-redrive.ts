import type { RedriveReport } from '../../lambdas/sync';
import { openQueue } from '../dead-letters';
import { readState } from '../state';
import { EXIT, readCount } from '../usage';
import { type Command, textOption } from './command';
import { directoryOf, directoryOption, queueOf, reasonOf } from './system-options';

const MOST = 1_000_000;

export const deadLettersRedrive: Command = {
  name: 'dead-letters redrive',
  synopsis: '<queue> [--limit N]',
  summary: 'send messages that could not be processed back to their queue',
  help: `Each is sent before it is deleted: a kill in between loses none, and may send one twice, which does no harm,
because consumers compare versions. What fails again comes back to the dead letters.

  --limit N      at most so many (default: all that there are at the start)
  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 done, 1 some could not be sent, 2 not understood, 3 the queue did not answer.`,
  options: { ...directoryOption, limit: { type: 'string', default: String(MOST) } },
  async run({ values, positionals, terminal }) {
    const limit = readCount('limit', textOption(values, 'limit') ?? '', { least: 1, most: MOST });
    const letters = openQueue(queueOf(positionals), await readState(directoryOf(values)));
    try {
      const report = await letters.redrive(limit);
      const { name } = letters.queue;
      terminal.out(values.json === true ? `${JSON.stringify({ queue: name, ...report })}\n` : describe(name, report));
      return report.notSent > 0 ? EXIT.failed : EXIT.done;
    } catch (error) {
      terminal.error(`The dead letters of ${letters.queue.name} can't be redriven now: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      letters.close();
    }
  },
};

function describe(queue: string, { moved, notDeleted, notSent, left }: RedriveReport): string {
  return [
    `${moved} moved back to ${queue}`,
    ...(notDeleted > 0 ? [`${notDeleted} sent, but still among the dead letters as well`] : []),
    ...(notSent > 0 ? [`${notSent} could not be sent and stay`] : []),
    `${left} dead letters now`,
    '',
  ].join('\n');
}
