import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { RunningSystem } from '../system';
import { runCommand } from './run-command';

const SWITCH = 'failover/auto';
const VALUE = 'on';

/**
 * Lets a new system act by itself when something is lost, by the switch that an operator would turn. Once in the life of a
 * directory: whoever turns it off later is not overruled by the next start.
 */
export async function letItAct(system: RunningSystem, signal: AbortSignal): Promise<void> {
  const { automated, directory } = system.layout;
  if (existsSync(automated)) return;
  await runCommand(system, ['cli/twinkeep.ts', 'switch', 'set', SWITCH, VALUE, '--directory', directory], signal);
  await writeFile(automated, JSON.stringify({ [SWITCH]: VALUE }));
}
