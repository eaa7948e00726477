import type { DeadLetter } from '../../lambdas/sync';
import { openQueue } from '../dead-letters';
import { readState } from '../state';
import { EXIT, readCount } from '../usage';
import { type Command, textOption } from './command';
import { directoryOf, directoryOption, queueOf, reasonOf } from './system-options';

const DEFAULT_LIMIT = '20';
const MOST = 1000;

export const deadLettersShow: Command = {
  name: 'dead-letters show',
  synopsis: '<queue> [--limit N] [--body]',
  summary: 'look at messages that could not be processed, and why; they stay where they are',
  help: `While they are looked at, for a moment, nobody else gets them.

  --limit N      at most so many (default ${DEFAULT_LIMIT})
  --body         with the whole messages, which hold personal data
  --directory D  where the local system keeps its state
  --json         as JSON, one message a line

Exit codes: 0 done, 2 not understood, 3 the queue did not answer.`,
  options: {
    ...directoryOption,
    limit: { type: 'string', default: DEFAULT_LIMIT },
    body: { type: 'boolean', default: false },
  },
  async run({ values, positionals, terminal }) {
    const limit = readCount('limit', textOption(values, 'limit') ?? DEFAULT_LIMIT, { least: 1, most: MOST });
    const letters = openQueue(queueOf(positionals), await readState(directoryOf(values)));
    try {
      for (const letter of await letters.peek(limit)) {
        terminal.out(
          values.json === true ? asJson(letter, values.body === true) : asText(letter, values.body === true),
        );
      }
      return EXIT.done;
    } catch (error) {
      terminal.error(`The dead letters of ${letters.queue.name} can't be read: ${reasonOf(error)}\n`);
      return EXIT.unreachable;
    } finally {
      letters.close();
    }
  },
};

/** Which versions of which members a message is about. */
function eventsOf(body: string): readonly string[] {
  try {
    const { events } = JSON.parse(body) as { events: readonly { memberId: unknown; version: unknown }[] };
    return events.map(({ memberId, version }) => `member ${memberId} version ${version}`);
  } catch {
    return ['(no bundle of events)'];
  }
}

function asText({ messageId, sentAt, receives, error, body }: DeadLetter, withBody: boolean): string {
  return [
    `${messageId}  since ${sentAt}, received ${receives} times`,
    `  ${error ?? 'no error is known: the queue gave up on it'}`,
    ...eventsOf(body).map((event) => `  ${event}`),
    ...(withBody ? [`  ${body}`] : []),
    '',
  ].join('\n');
}

function asJson({ body, ...letter }: DeadLetter, withBody: boolean): string {
  return `${JSON.stringify({ ...letter, events: eventsOf(body), ...(withBody ? { body } : {}) })}\n`;
}
