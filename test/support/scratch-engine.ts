import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EngineDefinition } from '../../local/engines';

export { freePort } from '../../local/system/free-ports';

/** An engine of one test file, with data of its own. */
export interface ScratchEngine {
  readonly definition: EngineDefinition;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startScratchEngine(define: (dataDirectory: string) => EngineDefinition): Promise<ScratchEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'twinkeep-test-'));
  const definition = define(directory);
  await definition.prepare(new AbortController().signal);
  const { command, arguments: arguments_, environment } = definition.launch();
  const child = spawn(command, arguments_, { stdio: 'ignore', env: { ...process.env, ...environment } });
  const engine = { definition, pid: child.pid ?? 0, stop: () => end(child, directory) };
  try {
    await untilReady(definition, child);
    await definition.configure();
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

async function untilReady(definition: EngineDefinition, child: ChildProcess): Promise<void> {
  const endsAt = Date.now() + definition.readyTimeoutMs;
  for (;;) {
    try {
      return await definition.check();
    } catch (error) {
      if (child.exitCode !== null || Date.now() > endsAt) throw error;
      await pause(100);
    }
  }
}

async function end(child: ChildProcess, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  await rm(directory, { recursive: true, force: true });
}
