import { systemClock } from '../../lambdas/core';
import { type Caller, type CallerEdit, changeCaller, setClasses, setOwner, setStatus } from '../../lambdas/traffic';
import { EXIT, UsageError } from '../usage';
import {
  announce,
  atRegistry,
  callerOf,
  EXIT_HELP,
  KNOWN_HELP,
  ORDER_HELP,
  orderOf,
  orderOptions,
  publicCaller,
  readClasses,
  readOwner,
  WHERE_HELP,
} from './callers';
import { type Command, textOption } from './command';

export const callersSuspend: Command = {
  name: 'callers suspend',
  synopsis: '<id> [--cache-only] [--reason TEXT]',
  summary: 'let a caller in no more, whatever key it shows, or no further than the cache; it keeps its keys and rules',
  help: `Its requests are answered with 401 UNKNOWN_CALLER, as those of somebody nobody knows. ${KNOWN_HELP}

  --cache-only   under suspicion only: it is answered what the cache holds; whatever would ask a database, the arbiter or a
                 search domain, and every write, is refused with 429 LIMITED by the rule cache-only
${ORDER_HELP}
${WHERE_HELP}

${EXIT_HELP}`,
  options: { ...orderOptions, 'cache-only': { type: 'boolean', default: false } },
  run: (call) =>
    call.values['cache-only'] === true
      ? change(
          call,
          callerOf(call.positionals),
          setStatus('cache-only'),
          ({ id }) => `Caller ${id} gets what the cache holds.`,
        )
      : change(call, callerOf(call.positionals), setStatus('suspended'), ({ id }) => `Caller ${id} is suspended.`),
};

export const callersResume: Command = {
  name: 'callers resume',
  synopsis: '<id> [--reason TEXT]',
  summary: 'let a caller in again, by the keys that it had',
  help: `If its key had leaked, rotate it first: twinkeep callers rotate <id> --overlap 0. ${KNOWN_HELP}

${ORDER_HELP}
${WHERE_HELP}

${EXIT_HELP}`,
  options: orderOptions,
  run: (call) =>
    change(call, callerOf(call.positionals), setStatus('active'), ({ id }) => `Caller ${id} is let in again.`),
};

export const callersChange: Command = {
  name: 'callers change',
  synopsis: '<id> [--owner TEAM] [--classes C[,C]]',
  summary: 'change who answers for a caller, or which traffic classes it may use',
  help: `${KNOWN_HELP}

  --owner TEAM   who answers for it from now on
  --classes C    all traffic classes that it may use from now on
${ORDER_HELP}
${WHERE_HELP}

${EXIT_HELP}`,
  options: { ...orderOptions, owner: { type: 'string' }, classes: { type: 'string' } },
  run(call) {
    const id = callerOf(call.positionals);
    const { owner, classes } = { owner: textOption(call.values, 'owner'), classes: textOption(call.values, 'classes') };
    const edits = [
      ...(owner === undefined ? [] : [setOwner(readOwner(owner))]),
      ...(classes === undefined ? [] : [setClasses(readClasses(classes))]),
    ];
    if (edits.length === 0) throw new UsageError('Say what to change: --owner or --classes.');
    const described = (caller: Caller) =>
      `Caller ${caller.id} of ${caller.owner} may use ${caller.classes.join(', ')}.`;
    return change(call, id, allOf(edits), described);
  },
};

function allOf(edits: readonly CallerEdit[]): CallerEdit {
  return (caller, nowMs) => {
    const made = edits.flatMap((edit) => edit(caller, nowMs) ?? []);
    if (made.length === 0) return undefined;
    return {
      caller: Object.assign({}, ...made.map((one) => one.caller)) as (typeof made)[number]['caller'],
      action: made.map(({ action }) => action).join(' and '),
    };
  };
}

async function change(
  call: Parameters<Command['run']>[0],
  id: string,
  edit: CallerEdit,
  said: (caller: Caller) => string,
): Promise<number> {
  const { values, terminal } = call;
  return atRegistry(call, async (system) => {
    const { caller, isChanged } = await changeCaller(system.arbiter, systemClock, id, orderOf(values), edit);
    await announce(system, call);
    if (values.json === true) terminal.out(`${JSON.stringify({ ...publicCaller(caller), isChanged })}\n`);
    else terminal.out(`${said(caller)}${isChanged ? '' : ' It was so already.'}\n`);
    return EXIT.done;
  });
}
