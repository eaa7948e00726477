import { dirname } from 'node:path';
import { type Region, UNITS } from '../../topology';
import { control, engine, eventually, readState, restart, STATE_FILE } from '../region/support/system';
import { awaited, isTurnedTo, withArbiter } from './awaited';
import type { Act, Drill } from './drill';
import { commandsUnder, type Executed, execute, readRunbook } from './runbook';

export const DIRECTORY = dirname(STATE_FILE);

const AT_HOME_WITHIN_S = 120;
const GONE_WITHIN_MS = 10_000;

/** Does what a step says, and resolves when it is done. @throws Error that says why it could not be */
export async function perform(act: Act, drill: Drill, onExecuted: (executed: Executed) => void): Promise<void> {
  switch (act.kind) {
    case 'kill':
      return kill(act.engine);
    case 'freeze':
      process.kill(pidOf(act.engine), 'SIGSTOP');
      return;
    case 'thaw':
      process.kill(pidOf(act.engine), 'SIGCONT');
      return;
    case 'restart':
      return restart(act.engine);
    case 'lose':
      return control({ command: 'lose', region: act.region });
    case 'cut':
      return control({ command: 'set-links', links: act.ways, state: { kind: 'cut' } });
    case 'heal':
      return control({ command: 'set-links', links: act.ways, state: { kind: 'open' } });
    case 'slow':
      return control({ command: 'set-links', links: act.ways, state: { kind: 'slow', delayMs: act.delayMs } });
    case 'await-unit':
    case 'await-short-leases':
    case 'await-replica':
    case 'await-switch':
      return awaited(act);
    case 'runbook':
      return execute(commandsUnder(readRunbook(drill.runbook), act.heading), DIRECTORY, onExecuted);
  }
}

async function kill(name: string): Promise<void> {
  const pid = pidOf(name);
  process.kill(pid, 'SIGKILL');
  // The next step may look at the processes: it must not find the one that is gone.
  await eventually(() => engine(name).pid !== pid, GONE_WITHIN_MS);
}

/**
 * Ends whatever a drill has left, also one that was broken off: what is cut, frozen or down, units away from home, and
 * failing over without people.
 */
export async function putRight(drill: Drill): Promise<void> {
  await giveBack(drill);
  await turnBack('failover/auto', 'off');
  for (const { name, home } of UNITS) {
    await turnBack(`units/${name}`, { writer: home, mode: 'database' });
    await awaited({ kind: 'await-unit', unit: name, writer: home, withinS: AT_HOME_WITHIN_S });
  }
}

async function giveBack(drill: Drill): Promise<void> {
  for (const { act } of drill.steps) if (act.kind === 'lose') await bringBack(act.region);
  if (drill.steps.some(({ act }) => 'ways' in act)) {
    await control({ command: 'set-links', links: [], state: { kind: 'open' } });
  }
  for (const act of [...(drill.before ?? []), ...drill.steps.map((step) => step.act)]) {
    if (act.kind === 'freeze' && engine(act.engine).pid !== null) process.kill(pidOf(act.engine), 'SIGCONT');
    if (act.kind === 'kill' && engine(act.engine).pid === null) await restart(act.engine);
  }
}

/** Nothing where the drill has done it. */
async function bringBack(region: Region): Promise<void> {
  const isGone = readState().engines.some(
    (one) => one.region === region && one.kind !== 'functions' && one.pid === null,
  );
  if (isGone) await restart(region);
  const isServing = await withArbiter((arbiter) => isTurnedTo(arbiter, `regions/${region}`, 'active'));
  if (!isServing) await execute([`npx twinkeep region readmit ${region}`], DIRECTORY, () => undefined);
}

async function turnBack(name: string, value: unknown): Promise<void> {
  if (await withArbiter((arbiter) => isTurnedTo(arbiter, name, value))) return;
  await execute([`npx twinkeep switch set ${name} '${JSON.stringify(value)}'`], DIRECTORY, () => undefined);
}

function pidOf(name: string): number {
  const { pid } = engine(name);
  if (pid === null || pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}
