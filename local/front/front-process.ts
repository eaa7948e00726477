import { createLog } from '../../lambdas/core';
import { FRONT_VARIABLE, type FrontConfig } from '../system/process-config';
import { startFront } from './index';

/** Entry of the front: told what to serve by `TWINKEEP_FRONT`, stopped by SIGTERM. */
async function main(): Promise<void> {
  const told = process.env[FRONT_VARIABLE];
  if (told === undefined) throw new Error(`${FRONT_VARIABLE} is not set: this process is started by the local system`);
  const log = createLog({ functionName: 'front', region: 'witness' });
  // Rejections that nobody handles end here as well.
  process.on('uncaughtException', (error) => log.error('uncaught exception', { error }));
  process.stdout.on('error', () => undefined);
  const front = await startFront(JSON.parse(told) as FrontConfig, log);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void front.stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Not an error was thrown');
}

main().catch((error: unknown) => {
  process.stderr.write(`${asError(error).stack}\n`);
  process.exit(1);
});
