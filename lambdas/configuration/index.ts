/** Before the first request: where everything is and what opens it, read once for each execution environment. */
import { type Config, readConfig } from '../core';

export { storedConfig } from './stored';

/**
 * The configuration that stands in the environment itself; undefined where it names the place at which it is stored.
 * @throws Error naming every variable that is missing or wrong
 */
export function givenConfig(environment: NodeJS.ProcessEnv = process.env): Config | undefined {
  return environment.TWINKEEP_ENDPOINTS_PATH === undefined ? readConfig(environment) : undefined;
}
