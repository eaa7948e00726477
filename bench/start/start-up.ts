import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { StartUpFigures } from '../figures';
import type { StartUp } from '../processes/start-up-process';
import { spreadOf } from '../statistics';
import { type ChildSettings, runToEnd } from './bench-child';

/** Loads each bundle several times, each time in a new process. Functions of one bundle start alike. */
export async function measureStartUp(settings: ChildSettings): Promise<StartUpFigures> {
  const { job, onProgress } = settings;
  const bundles = new Map(job.system.functions.map((hosted) => [hosted.bundle, hosted]));
  const functions = [];
  for (const { name, bundle } of bundles.values()) {
    onProgress(name);
    const rounds: StartUp[] = [];
    for (let round = 0; round < job.pace.startUps; round += 1) {
      rounds.push(await runToEnd<StartUp>('start-up-process', { ...settings, job: { ...job, path: name } }));
    }
    functions.push({
      name: basename(bundle, '.cjs'),
      bytes: statSync(bundle).size,
      cpuMs: spreadOf(rounds.map(({ cpuMs }) => cpuMs)),
      wallMs: spreadOf(rounds.map(({ wallMs }) => wallMs)),
    });
  }
  return { functions };
}
