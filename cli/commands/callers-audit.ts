import { systemClock } from '../../lambdas/core';
import { type AuditedCaller, auditCallers, type CallerSystem } from '../callers';
import { readState } from '../state';
import { openSwitchSystem } from '../switches';
import { EXIT, UsageError } from '../usage';
import { atRegistry, callerOptions, WHERE_HELP } from './callers';
import { type Command, textOption } from './command';
import { directoryOf } from './system-options';

const RECENT_MS = 600_000;

export const callersAudit: Command = {
  name: 'callers audit',
  synopsis: '',
  summary:
    'tell which callers nobody answers for, no rule bounds, do not call, may do more than they do, or are near their limits',
  help: `Calls are counted by caller, class, operation and day for 35 days, and by the second for ten minutes, in the caches; a cache
that began anew has forgotten them, so it is told since when they are known. Of a stage in AWS they are not known here.

${WHERE_HELP}, one list: {"id","owner","status","findings":[{"kind","text"}],"usage","limits":[{"rule","mode","ratePerS","mostPerS"}]}

Exit codes: 0 audited, whatever was found, 2 not understood, 3 the registry did not answer.`,
  options: callerOptions,
  async run(call) {
    const { values, positionals, terminal } = call;
    if (positionals.length > 0) throw new UsageError('An audit is about all callers.');
    return atRegistry(call, async (system) => {
      const audited = await audit(system, textOption(values, 'stage') === undefined ? directoryOf(values) : undefined);
      if (values.json === true) terminal.out(`${JSON.stringify(audited)}\n`);
      else terminal.out(audited.length === 0 ? 'Nobody may call yet.\n' : audited.map(described).join(''));
      return EXIT.done;
    });
  },
};

/** @param directory of a local system, whose caches tell who called; undefined where they are not reached */
async function audit({ arbiter }: CallerSystem, directory: string | undefined): Promise<AuditedCaller[]> {
  const [callers, accepted, calls] = await Promise.all([
    arbiter.callers.list(),
    arbiter.decisions.acceptedSwitch('traffic/rules'),
    directory === undefined ? { days: [], seconds: [] } : callsOf(directory),
  ]);
  const rules = (accepted?.value ?? []) as Parameters<typeof auditCallers>[0]['rules'];
  return auditCallers({ callers, rules, ...calls, nowMs: systemClock.nowMs() });
}

async function callsOf(directory: string) {
  const system = openSwitchSystem(await readState(directory));
  try {
    const [days, recent] = await Promise.all([system.callsByDay(), system.recentCalls(RECENT_MS)]);
    return { days, seconds: recent.calls };
  } finally {
    await system.close();
  }
}

function described({ id, owner, status, findings, usage, limits }: AuditedCaller): string {
  const { knownSince, calls, lastDay } = usage;
  const uses = Object.entries({ ...usage.classes, ...usage.operations }).map(([name, count]) => `${name} ${count}`);
  const called =
    knownSince === undefined
      ? 'its calls are not known here'
      : `${usage.isPartial ? 'at least ' : ''}${calls} calls since ${knownSince}${lastDay === undefined ? '' : `, the last on ${lastDay}: ${uses.join(', ')}`}`;
  return [
    `${id} of ${owner || 'nobody'}, ${status}: ${called}\n`,
    ...limits.map(
      ({ rule, mode, ratePerS, mostPerS }) =>
        `  rule ${rule}${mode === 'on' ? '' : ', on trial'}: ${mostPerS} of ${ratePerS} a second at most\n`,
    ),
    ...findings.map(({ kind, text }) => `  ${kind}: ${text}\n`),
  ].join('');
}
