import { systemClock } from '../../lambdas/core';
import { addKey, changeCaller, drawKey, keyName, retireKeys } from '../../lambdas/traffic';
import { EXIT, UsageError } from '../usage';
import {
  announce,
  atRegistry,
  callerOf,
  EXIT_HELP,
  expiryOf,
  KNOWN_HELP,
  ORDER_HELP,
  orderOf,
  orderOptions,
  publicCaller,
  readDurationMs,
  shownOnce,
  WHERE_HELP,
} from './callers';
import { type Command, textOption } from './command';

const DEFAULT_OVERLAP = '7d';

export const callersRotate: Command = {
  name: 'callers rotate',
  synopsis: '<id> [--overlap T] [--expires T] | <id> --retire',
  summary: 'give a caller another API key beside the one that it has, or retire the older one',
  help: `The former key goes on for the overlap, so that the caller can change over without a gap; two live keys at most.
Retire it as soon as the caller uses the new one. A key that has leaked: --overlap 0. ${KNOWN_HELP}

  --overlap T    how long the former key still lets the caller in (default ${DEFAULT_OVERLAP}): 7d, 12h; 0: not at all
  --expires T    how long the new key is valid; without it until it is retired
  --retire       end every key but the newest, and make none
${ORDER_HELP}
${WHERE_HELP}: {"id","apiKey","keys"}, without "apiKey" for --retire

${EXIT_HELP}`,
  options: {
    ...orderOptions,
    overlap: { type: 'string' },
    expires: { type: 'string' },
    retire: { type: 'boolean', default: false },
  },
  async run(call) {
    const { values, positionals, terminal } = call;
    const id = callerOf(positionals);
    if (values.retire === true) {
      if (values.overlap !== undefined || values.expires !== undefined) {
        throw new UsageError('--retire makes no key: it takes neither --overlap nor --expires.');
      }
      return retire(call, id);
    }
    const overlapMs = readDurationMs('overlap', textOption(values, 'overlap') ?? DEFAULT_OVERLAP);
    const { secret, key } = drawKey(systemClock.nowMs(), expiryOf(values, systemClock.nowMs()));
    return atRegistry(call, async (system) => {
      const order = orderOf(values);
      const { caller } = await changeCaller(system.arbiter, systemClock, id, order, addKey(key, overlapMs));
      await announce(system, call);
      const apiKey = `${id}.${secret}`;
      const { keys } = publicCaller(caller);
      if (values.json === true) {
        terminal.out(`${JSON.stringify({ id, apiKey, keys })}\n`);
        return EXIT.done;
      }
      terminal.out(`Caller ${id} has another key, ${keyName(key)}:\n\n${shownOnce(id, apiKey)}`);
      for (const { key: name, expiresAt } of keys.slice(0, -1)) {
        terminal.out(
          `Key ${name} lets it in until ${expiresAt}. End it earlier with: twinkeep callers rotate ${id} --retire\n`,
        );
      }
      if (keys.length === 1) terminal.out('No other key of it lets anybody in any more.\n');
      return EXIT.done;
    });
  },
};

function retire(call: Parameters<Command['run']>[0], id: string): Promise<number> {
  const { values, terminal } = call;
  return atRegistry(call, async (system) => {
    const { caller } = await changeCaller(system.arbiter, systemClock, id, orderOf(values), retireKeys());
    await announce(system, call);
    const { keys } = publicCaller(caller);
    if (values.json === true) terminal.out(`${JSON.stringify({ id, keys })}\n`);
    else terminal.out(`Caller ${id} is let in by key ${keys.map(({ key }) => key).join()} only.\n`);
    return EXIT.done;
  });
}
