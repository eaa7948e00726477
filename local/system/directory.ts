import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { NotPossible, TOOLS_DIRECTORY } from '../engines';

/** Where a local system keeps its things. */
export interface Layout {
  readonly directory: string;
  readonly lock: string;
  readonly processes: string;
  readonly state: string;
  readonly secrets: string;
  readonly seed: string;
  readonly seeded: string;
  readonly automated: string;
  readonly data: string;
  readonly logs: string;
  readonly bundles: string;
  readonly work: string;
}

const LARGE_LOG_BYTES = 20 * 1024 * 1024;
/** Says that a directory is ours to empty. */
const OWN_MARK = 'secrets.json';

export function layOut(path: string): Layout {
  const directory = resolve(path);
  const at = (name: string) => join(directory, name);
  return {
    directory,
    lock: at('lock'),
    processes: at('processes.json'),
    state: at('state.json'),
    secrets: at(OWN_MARK),
    seed: at('seed'),
    seeded: at('seeded.json'),
    automated: at('automated.json'),
    data: at('data'),
    logs: at('logs'),
    bundles: at('bundles'),
    work: at('work'),
  };
}

/** @throws NotPossible when the directory holds something else: it could be anyone's */
export function assertOurs(layout: Layout): void {
  if (!existsSync(layout.directory)) return;
  const ours = [OWN_MARK, 'lock', 'processes.json', 'control.sock', 'logs'];
  const entries = readdirSync(layout.directory).filter((name) => join(layout.directory, name) !== TOOLS_DIRECTORY);
  if (entries.length > 0 && !entries.some((name) => ours.includes(name))) {
    throw new NotPossible(`${layout.directory} holds other things; please name an empty directory.`);
  }
}

/** Where a comparison of a search domain goes on that was interrupted; of other members it would pass over some. */
const POSITION = /^reconcile-\w+\.json(\.new)?$/;

/** Forgets everything but what was installed. */
export async function empty(layout: Layout): Promise<void> {
  const { lock: _kept, directory, ...rest } = layout;
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const positions = names.filter((name) => POSITION.test(name)).map((name) => join(directory, name));
  await Promise.all([...Object.values(rest), ...positions].map((path) => rm(path, { recursive: true, force: true })));
}

/** Sets large logs of earlier runs aside, so that they don't grow without end. */
export async function rotateLogs(layout: Layout): Promise<void> {
  await mkdir(layout.logs, { recursive: true });
  for (const name of readdirSync(layout.logs).filter((entry) => entry.endsWith('.log'))) {
    const path = join(layout.logs, name);
    if ((await stat(path)).size > LARGE_LOG_BYTES) await rename(path, `${path}.1`);
  }
}
