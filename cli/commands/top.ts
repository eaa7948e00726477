import { setTimeout as pause } from 'node:timers/promises';
import { coloured } from '../colours';
import { readState } from '../state';
import { page, plainScreen, type Screen, type Snapshot, TopLook, terminalScreen } from '../top';
import { EXIT, readCount, UsageError } from '../usage';
import { type Command, type Terminal, textOption } from './command';
import { interruption } from './interruption';
import { directoryOf, directoryOption } from './system-options';

const DEFAULT_SECONDS = '10';
const EVERY_MS = 1000;
/** Of what is no terminal, or does not say. */
const COLUMNS = 80;

export const topCommand: Command = {
  name: 'top',
  synopsis: '[--once] [--json [--watch]] [--seconds N]',
  summary: 'show what the local system does: traffic, latency, refusals, queues, units, switches',
  help: `A page that is written anew every second until Ctrl-C. Figures are of the last seconds, from what the functions
measure and write into their logs; units and switches are asked of the arbiter, and queues of theirs. What is refused before
it enters a function counts in its class; of whom it came nobody has asked yet. What is left alone stands there until the
function that leaves it alone has asked it again, which it does when the next request would need it. What is "dry-run" among
the refused has passed: a rule or a degrade/ switch on trial would have kept it. How long a queue has waited, and when a lease
was renewed, is what top has seen since it began; "-" is nothing yet.

  --once         one page, and no more
  --json         one snapshot as JSON, on one line
  --watch        with --json: a line every second until Ctrl-C; a page is always written anew without --once
  --seconds N    look at so many seconds (default ${DEFAULT_SECONDS}, at most 300)
  --directory D  where the local system keeps its state

Exit codes: 0 shown, 2 not understood.`,
  options: {
    ...directoryOption,
    once: { type: 'boolean' },
    watch: { type: 'boolean' },
    seconds: { type: 'string', default: DEFAULT_SECONDS },
  },
  async run({ values, positionals, terminal }) {
    if (positionals.length > 0) throw new UsageError(`top takes no "${positionals.join(' ')}".`);
    if (values.watch === true && values.json !== true) throw new UsageError('--watch goes with --json.');
    if (values.watch === true && values.once === true) throw new UsageError('--once and --watch exclude each other.');
    const seconds = readCount('seconds', textOption(values, 'seconds') ?? DEFAULT_SECONDS, { least: 1, most: 300 });
    const directory = directoryOf(values);
    const look = new TopLook({ directory, state: await readState(directory) }, seconds);
    try {
      if (values.json === true) await tellJson(look, values.watch === true, terminal);
      else if (values.once === true) tellPage(await look.look(), plainScreen(terminal.out), terminal);
      else await watch(look, terminal);
      return EXIT.done;
    } finally {
      look.close();
    }
  },
};

async function tellJson(look: TopLook, again: boolean, terminal: Terminal): Promise<void> {
  const tell = async () => terminal.out(`${JSON.stringify(await look.look())}\n`);
  if (again) await untilInterrupted(tell);
  else await tell();
}

async function watch(look: TopLook, terminal: Terminal): Promise<void> {
  const isTerminal = terminal.isTerminal === true && terminal.environment.TERM !== 'dumb';
  const screen = isTerminal ? terminalScreen(terminal.out) : plainScreen(terminal.out);
  let latest: Snapshot | undefined;
  const redraw = () => latest !== undefined && tellPage(latest, screen, terminal);
  const onResize = terminal.onResize?.(redraw);
  try {
    await untilInterrupted(async () => {
      latest = await look.look();
      redraw();
    });
  } finally {
    onResize?.();
    screen.close();
  }
}

function tellPage(snapshot: Snapshot, screen: Screen, terminal: Terminal): void {
  const size = terminal.size?.();
  const lines = page(snapshot, {
    columns: size?.columns ?? COLUMNS,
    ...(size !== undefined && { rows: size.rows }),
    paint: (colour, text) => coloured(terminal, colour, text),
  });
  screen.show(size === undefined ? lines : lines.slice(0, size.rows));
}

/** At a fixed rhythm; a look that takes longer is followed by the next at once. */
async function untilInterrupted(act: () => Promise<void>): Promise<void> {
  const { signal, end } = interruption(() => undefined);
  try {
    while (!signal.aborted) {
      const beganAtMs = performance.now();
      await act();
      const restMs = Math.max(0, EVERY_MS - (performance.now() - beganAtMs));
      await pause(restMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    end();
  }
}
