import { spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { setNiceness } from '../../local/system/niceness';
import { signalGroup } from '../../local/system/process-group';

export const ROOT = join(__dirname, '..', '..');

export interface ProgramOptions {
  /** The project's root where nothing is said. */
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Ends the program, and whatever it has started, with SIGTERM. */
  readonly signal: AbortSignal;
  /** How far it gives way to others, as `nice` has it, and until when. */
  readonly givesWay?: { readonly niceness: number; readonly until: AbortSignal };
  /** `silent`: what it prints is dropped. */
  readonly output?: 'shown' | 'silent';
}

/** Runs a program of the installed packages, or one by its absolute path. @returns whether it ended well */
export function runProgram(command: readonly string[], options: ProgramOptions): Promise<boolean> {
  const { cwd = ROOT, environment = {}, signal, givesWay, output = 'shown' } = options;
  const [program = '', ...parameters] = command;
  return new Promise((resolve, reject) => {
    const file = isAbsolute(program) ? program : join(ROOT, 'node_modules', '.bin', program);
    const child = spawn(file, parameters, {
      cwd,
      stdio: output === 'shown' ? 'inherit' : 'ignore',
      env: { ...process.env, ...environment },
      // Sessions are weighed one by one, and what it starts itself belongs to its own, and ends with it.
      detached: true,
    });
    const weigh = (niceness: number) => child.pid !== undefined && setNiceness(child.pid, niceness);
    const hurry = () => weigh(0);
    if (givesWay?.until.aborted === false) {
      weigh(givesWay.niceness);
      givesWay.until.addEventListener('abort', hurry);
    }
    const end = () => child.pid !== undefined && signalGroup(child.pid, 'SIGTERM');
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    child.once('error', reject);
    child.once('exit', (code) => {
      signal.removeEventListener('abort', end);
      givesWay?.until.removeEventListener('abort', hurry);
      resolve(code === 0);
    });
  });
}
