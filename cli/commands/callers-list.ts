import { systemClock } from '../../lambdas/core';
import { isLive } from '../../lambdas/traffic';
import { EXIT, UsageError } from '../usage';
import { atRegistry, callerOf, callerOptions, publicCaller, WHERE_HELP } from './callers';
import { type Command, table } from './command';

const HEADING = ['CALLER', 'OWNER', 'STATUS', 'CLASSES', 'LIVE KEYS', 'RULES', 'CHANGED', 'BY'];

export const callersList: Command = {
  name: 'callers list',
  synopsis: '',
  summary: 'list who may call, and how',
  help: `${WHERE_HELP}, one list of all callers

Exit codes: 0 listed, 2 not understood, 3 the registry did not answer.`,
  options: callerOptions,
  async run(call) {
    const { values, positionals, terminal } = call;
    if (positionals.length > 0) throw new UsageError('To see one caller: twinkeep callers show <id>');
    return atRegistry(call, async ({ arbiter }) => {
      const callers = (await arbiter.callers.list()).sort((one, other) => one.id.localeCompare(other.id));
      if (values.json === true) {
        terminal.out(`${JSON.stringify(callers.map(publicCaller))}\n`);
        return EXIT.done;
      }
      const nowMs = systemClock.nowMs();
      const rows = callers.map((caller) => {
        const { id, owner, status, classes, keys, rules } = caller;
        const { at, by } = publicCaller(caller).changed;
        const live = keys.filter((key) => isLive(key, nowMs)).length;
        return [id, owner, status, classes.join(), String(live), String(rules.length), at, by];
      });
      terminal.out(
        rows.length === 0 ? 'Nobody may call yet. See: twinkeep callers create --help\n' : table([HEADING, ...rows]),
      );
      return EXIT.done;
    });
  },
};

export const callersShow: Command = {
  name: 'callers show',
  synopsis: '<id>',
  summary: 'show a caller: its keys by their names, its rules, and what was changed last',
  help: `Keys are named by the beginning of their hash; nothing leads back to a secret.

${WHERE_HELP}

Exit codes: 0 shown, 1 there is no such caller, 2 not understood, 3 the registry did not answer.`,
  options: callerOptions,
  async run(call) {
    const { values, positionals, terminal } = call;
    const id = callerOf(positionals);
    return atRegistry(call, async ({ arbiter }) => {
      const found = await arbiter.callers.find(id, 'strong');
      if (found === undefined) {
        terminal.error(`There is no caller ${id}. See: twinkeep callers list\n`);
        return EXIT.failed;
      }
      const caller = publicCaller(found);
      terminal.out(values.json === true ? `${JSON.stringify(caller)}\n` : described(caller));
      return EXIT.done;
    });
  },
};

function described({
  id,
  owner,
  status,
  classes,
  keys,
  rules,
  revision,
  createdAt,
  changed,
}: ReturnType<typeof publicCaller>) {
  const entered = createdAt === '' ? '' : `, entered ${createdAt}`;
  const because = changed.reason === undefined ? '' : `: ${changed.reason}`;
  const rows = keys.map(({ key, createdAt: made, expiresAt = 'never', isLive: lives }) => [
    `  ${key}`,
    made,
    expiresAt,
    lives ? 'live' : 'expired',
  ]);
  return [
    `caller ${id} of ${owner}: ${status}${entered}\n`,
    `classes: ${classes.join(', ') || 'none'}\n`,
    rows.length === 0 ? 'keys: none\n' : table([['  KEY', 'MADE', 'EXPIRES', ''], ...rows]),
    rules.length === 0
      ? 'rules: none of its own\n'
      : `rules:\n${rules.map((rule) => `  ${JSON.stringify(rule)}\n`).join('')}`,
    `revision ${revision}: ${changed.by} ${changed.action} at ${changed.at}${because}\n`,
  ].join('');
}
