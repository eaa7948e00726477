import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../root';
import { MeasurementFailed } from './bench-child';

const RUN_TYPESCRIPT = join(ROOT, 'scripts', 'run-ts.mjs');
/** What a command says that did its work, and found something that it could not do. */
const EXIT = { done: 0, incomplete: 1 } as const;

export interface Ran {
  readonly elapsedMs: number;
  readonly output: string;
}

/** Runs a command of this repository as everyone runs it. @throws MeasurementFailed if it could not do its work */
export async function runCommand(words: readonly string[], signal: AbortSignal): Promise<Ran> {
  signal.throwIfAborted();
  const startMs = performance.now();
  const child = spawn(process.execPath, [RUN_TYPESCRIPT, ...words], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== EXIT.done && code !== EXIT.incomplete) throw new MeasurementFailed(`${words[0]} ended with ${code}`);
  return { elapsedMs: performance.now() - startMs, output };
}
