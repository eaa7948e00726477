import { systemClock } from '../../lambdas/core';
import { createCaller, drawKey, keyName } from '../../lambdas/traffic';
import { EXIT, UsageError } from '../usage';
import {
  announce,
  atRegistry,
  EXIT_HELP,
  expiryOf,
  KNOWN_HELP,
  ORDER_HELP,
  orderOf,
  orderOptions,
  readCallerId,
  readClasses,
  readOwner,
  shownOnce,
  timeText,
  WHERE_HELP,
} from './callers';
import { rulesGiven } from './callers-rules';
import { type Command, textOption } from './command';

export const callersCreate: Command = {
  name: 'callers create',
  synopsis: '--id ID --owner TEAM --classes C[,C] [--rules JSON|@FILE] [--expires T]',
  summary: 'enter a caller, and make its first API key, which is shown this once',
  help: `${KNOWN_HELP}

  --id ID        what the caller is called, in keys, rules and metrics
  --owner TEAM   who answers for it
  --classes C    the traffic classes that it may use: order, marketing, other
  --rules R      its own flow rules, as JSON or from a file; see: twinkeep callers rules --help
  --expires T    how long the key is valid: 90d, 12h; without it until it is retired
${ORDER_HELP}
${WHERE_HELP}: {"id","apiKey"}, and "expiresAt" where it expires

${EXIT_HELP}`,
  options: {
    ...orderOptions,
    id: { type: 'string' },
    owner: { type: 'string' },
    classes: { type: 'string' },
    rules: { type: 'string' },
    expires: { type: 'string' },
  },
  async run(call) {
    const { values, positionals, terminal } = call;
    if (positionals.length > 0) throw new UsageError('Name the caller with --id.');
    const given = textOption(values, 'id');
    if (given === undefined) throw new UsageError('Say with --id what the caller is called.');
    const id = readCallerId(given);
    const owner = readOwner(textOption(values, 'owner'));
    const classes = readClasses(textOption(values, 'classes'));
    const text = textOption(values, 'rules');
    const rules = text === undefined ? [] : await rulesGiven(id, text);
    const { secret, key } = drawKey(systemClock.nowMs(), expiryOf(values, systemClock.nowMs()));
    return atRegistry(call, async (system) => {
      await createCaller(system.arbiter, systemClock, orderOf(values), { id, owner, classes, keys: [key], rules });
      await announce(system, call);
      const apiKey = `${id}.${secret}`;
      const expiry = key.expiresAtMs === undefined ? {} : { expiresAt: timeText(key.expiresAtMs) };
      if (values.json === true) terminal.out(`${JSON.stringify({ id, apiKey, ...expiry })}\n`);
      else terminal.out(`Caller ${id} is entered, with key ${keyName(key)}:\n\n${shownOnce(id, apiKey)}`);
      return EXIT.done;
    });
  },
};
