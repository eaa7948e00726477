import { createRequire } from 'node:module';
import { readJob } from '../job';
import { runChild } from './child';

/** What loading one bundle cost this process, which is new. */
export interface StartUp {
  readonly cpuMs: number;
  readonly wallMs: number;
}

async function loadOnce(): Promise<StartUp> {
  const { system, path } = readJob();
  const hosted = system.functions.find(({ name }) => name === path);
  if (hosted === undefined) throw new Error(`the measured system has no ${path}`);
  Object.assign(process.env, hosted.environment);
  const load = createRequire(hosted.bundle);
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  load(hosted.bundle);
  const { user, system: kernel } = process.cpuUsage(cpuBefore);
  return { cpuMs: (user + kernel) / 1000, wallMs: performance.now() - startMs };
}

runChild(loadOnce);
