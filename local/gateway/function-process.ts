import { createLog } from '../../lambdas/core';
import { type FunctionProcessConfig, PROCESS_VARIABLE } from '../system/process-config';
import { FunctionProcess } from './index';

/** Entry of a process of functions: told what to run by `TWINKEEP_PROCESS`, stopped by SIGTERM. */
async function main(): Promise<void> {
  const told = process.env[PROCESS_VARIABLE];
  if (told === undefined)
    throw new Error(`${PROCESS_VARIABLE} is not set: this process is started by the local system`);
  const config = JSON.parse(told) as FunctionProcessConfig;
  const log = createLog({ functionName: config.name, region: config.region });
  // A stray failure of one function must not take its neighbours down, as it could not on Lambda.
  // Rejections that nobody handles end here as well.
  process.on('uncaughtException', (error) => log.error('uncaught exception', { error }));
  process.stdout.on('error', () => undefined);
  const functions = new FunctionProcess(config, log, process.cwd());
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void functions.stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await functions.start();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Not an error was thrown');
}

main().catch((error: unknown) => {
  process.stderr.write(`${asError(error).stack}\n`);
  process.exit(1);
});
