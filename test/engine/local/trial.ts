import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EngineDefinition, ensureTools, type Tools } from '../../../local/engines';
import { enginePart } from '../../../local/system/part';
import { ProcessRegistry } from '../../../local/system/process-registry';
import { RunningPart } from '../../../local/system/running-part';

const signal = new AbortController().signal;

export const IDENTITY = { accessKeyId: 'AKIATRIAL', secretAccessKey: 'trial' };

/** Engines of a test's own, with their data, until `end`. */
export class Trial {
  readonly directory = mkdtempSync(join(tmpdir(), 'twinkeep-trial-'));
  private readonly parts: RunningPart[] = [];

  static tools(): Promise<Tools> {
    return ensureTools(() => undefined, signal);
  }

  dataDirectory(name: string): string {
    return join(this.directory, name);
  }

  async start(definition: EngineDefinition): Promise<RunningPart> {
    const part = new RunningPart(enginePart(definition), {
      logDirectory: join(this.directory, 'logs'),
      registry: new ProcessRegistry(join(this.directory, `${definition.name}.processes.json`)),
      onChange: () => undefined,
    });
    this.parts.push(part);
    await part.start(signal);
    return part;
  }

  /** SIGKILL, and when it is gone, the restart that an operator would ask for. */
  async killAndRestart(part: RunningPart, meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    await kill(part);
    await meanwhile();
    await part.start(signal);
  }

  async end(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function kill(part: RunningPart): Promise<void> {
  if (part.pid === undefined) throw new Error(`${part.part.name} does not run`);
  process.kill(part.pid, 'SIGKILL');
  await until(async () => part.status === 'dead');
}

/** Waits for a condition. @throws Error after 20 s */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it does not come about');
    await delay(50);
  }
}
