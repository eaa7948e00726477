import { readFile } from 'node:fs/promises';
import { hashSecret, type NewCaller } from '../../lambdas/traffic';
import { NotPossible } from '../engines';
import { CALLERS, type LocalSecrets } from './secrets';
import { localUrl } from './state';

/** What the function `provision` is told: who may call. Keys are known to it by their hashes only. */
export interface ProvisionEvent {
  readonly callers: readonly NewCaller[];
}

const TIMEOUT_MS = 300_000;

export function provisionEvent(secrets: LocalSecrets): ProvisionEvent {
  return {
    callers: CALLERS.map(({ id, owner, classes }) => ({
      id,
      owner,
      classes,
      keyHashes: [hashSecret(secrets.callers[id])],
    })),
  };
}

/** Has the schemas, indices and callers made, as after a deployment. @throws NotPossible when the function fails */
export async function provision(
  invokePort: number,
  secrets: LocalSecrets,
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(`${localUrl(invokePort)}/2015-03-31/functions/provision/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(provisionEvent(secrets)),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const answer = await response.text();
  if (response.ok && response.headers.get('x-amz-function-error') === null) return;
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new NotPossible(`The function provision failed (${response.status}): ${answer}\n${log.slice(-1500)}`);
}
