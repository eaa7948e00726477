import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TRAFFIC_CLASSES, type TrafficClass } from '../../topology';

/** Who may call the local system, before anyone registers more. */
export const CALLERS = [
  { id: 'shop', owner: 'Shop team', classes: ['order', 'other'] },
  { id: 'crm', owner: 'Marketing team', classes: ['marketing', 'other'] },
  { id: 'importer', owner: 'Imports', classes: ['other'] },
  { id: 'backoffice', owner: 'Back office', classes: TRAFFIC_CLASSES },
] as const satisfies readonly { id: string; owner: string; classes: readonly TrafficClass[] }[];

export type CallerId = (typeof CALLERS)[number]['id'];

/** What a local system has drawn for itself; none of it is worth anything elsewhere. */
export interface LocalSecrets {
  readonly databasePassword: string;
  readonly databaseRootPassword: string;
  readonly replicationPassword: string;
  readonly cursorKey: string;
  readonly contactKey: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Secret of each caller's API key `<id>.<secret>`. */
  readonly callers: Readonly<Record<CallerId, string>>;
}

function draw(bytes = 24): string {
  return randomBytes(bytes).toString('hex');
}

function drawAll(): LocalSecrets {
  return {
    databasePassword: draw(),
    databaseRootPassword: draw(),
    replicationPassword: draw(15),
    cursorKey: draw(32),
    contactKey: draw(32),
    accessKeyId: `AKIA${draw(8).toUpperCase()}`,
    secretAccessKey: draw(20),
    callers: Object.fromEntries(CALLERS.map((caller) => [caller.id, draw(20)])) as Record<CallerId, string>,
  };
}

async function readKept(path: string): Promise<Partial<LocalSecrets>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<LocalSecrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** The secrets of a directory, kept between runs: the data of the engines was made with them. */
export async function keptSecrets(path: string): Promise<LocalSecrets> {
  const [drawn, kept] = [drawAll(), await readKept(path)];
  const secrets = { ...drawn, ...kept, callers: { ...drawn.callers, ...kept.callers } };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(secrets, undefined, 2), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return secrets;
}

export function apiKey(id: CallerId, secrets: LocalSecrets): string {
  return `${id}.${secrets.callers[id]}`;
}
