import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { askControl, type ControlRequest, controlPath } from '../../../local/command/control';
import type { LocalState } from '../../../local/system';
import type { Region } from '../../../topology';

export const STATE_FILE = process.env.TWINKEEP_TEST_STATE ?? '.local/state.json';

/** The system under test as its own `state.json` describes it now. */
export function readState(): LocalState {
  return JSON.parse(readFileSync(STATE_FILE, 'utf8'));
}

export function secrets(): { databasePassword?: string; [name: string]: unknown } {
  return JSON.parse(readFileSync(`${dirname(STATE_FILE)}/secrets.json`, 'utf8'));
}

export function engine(name: string) {
  const found = readState().engines.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no engine ${name}`);
  return found;
}

/** SIGKILL, as the out-of-memory killer would. */
export function kill(name: string): void {
  const { pid } = engine(name);
  if (pid === null || pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGKILL');
}

/** As an operator asks it from another terminal. */
export async function control(request: ControlRequest): Promise<void> {
  const answer = await askControl(controlPath(dirname(STATE_FILE)), request);
  if (!answer?.done) throw new Error(answer?.reason ?? 'the system under test does not answer');
}

export function restart(name: string): Promise<void> {
  return control({ command: 'restart', engine: name });
}

/** Waits until `look` returns something true, or fails with its last error or value. */
export async function eventually<T>(look: () => Promise<T> | T, timeoutMs = 30_000): Promise<NonNullable<T>> {
  const endsAt = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await look();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > endsAt)
      throw last instanceof Error ? last : new Error(`not within ${timeoutMs} ms: ${String(last)}`);
    await pause(50);
  }
}

export const REGION_NAMES: readonly Region[] = ['A', 'B'];
