import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction, constants } from 'node:vm';
import type { HostedFunction } from '../system/process-config';
import type { InvocationContext } from './invocation';

/** The exports of a bundle. */
export interface HostedBundle {
  handler(event: unknown, context: InvocationContext): unknown;
  /** Ends invocations that would run for long; asked for when the process is about to stop. */
  stop?(): unknown;
  /** Closes what the bundle opened; asked for once its invocations have ended. */
  close?(): Promise<void>;
}

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname', 'process'];

/**
 * Loads a bundle as if it had a process to itself: code that runs side by side in one process sees an environment,
 * and keeps pools and caches, of its own. File names stay in stack traces.
 *
 * @throws Error if the bundle cannot be read, fails while loading, or exports no `handler`
 */
export function loadBundle(hosted: Pick<HostedFunction, 'name' | 'bundle' | 'environment'>): HostedBundle {
  const ownProcess: NodeJS.Process = Object.create(process, {
    env: { value: { ...hosted.environment }, enumerable: true, writable: true },
  });
  const load = createRequire(hosted.bundle);
  const ownRequire = Object.assign(
    (id: string) => (id === 'process' || id === 'node:process' ? ownProcess : load(id)),
    load,
  );
  const compiled = compileFunction(readFileSync(hosted.bundle, 'utf8'), PARAMETERS, {
    filename: hosted.bundle,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const loaded: { exports: unknown } = { exports: {} };
  compiled.call(loaded.exports, loaded.exports, ownRequire, loaded, hosted.bundle, dirname(hosted.bundle), ownProcess);
  if (!isBundle(loaded.exports)) throw new Error(`The bundle of ${hosted.name} exports no function named handler`);
  return loaded.exports;
}

function isBundle(value: unknown): value is HostedBundle {
  return typeof value === 'object' && value !== null && 'handler' in value && typeof value.handler === 'function';
}
