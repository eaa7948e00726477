import { spawn } from 'node:child_process';
import { NotPossible, type OnProgress } from './progress';

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  /** Told now and then what the program is at; gets every line that it wrote so far. */
  readonly summary?: (lines: readonly string[]) => string;
  readonly onProgress?: OnProgress;
  /** What an abort ends: the program with everything that it started, or only itself, which then ends the rest in order. */
  readonly abortEnds?: 'group' | 'leader';
}

const SUMMARY_EVERY_MS = 10_000;
const LAST_LINES = 40;

/**
 * Runs a program to its end and returns what it wrote.
 * It leads a process group of its own, so that a Ctrl-C reaches it through `signal` only, once and in order.
 * @throws NotPossible with the last lines of its output when it fails
 */
export async function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  options.signal.throwIfAborted();
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  const lines: string[] = [];
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      lines.push(...chunk.split('\n').filter((line) => line !== ''));
    });
  }
  const { summary, onProgress } = options;
  const timer = setInterval(() => {
    if (summary !== undefined) onProgress?.(`  ... ${summary(lines)}`);
  }, SUMMARY_EVERY_MS);
  const stop = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(options.abortEnds === 'leader' ? child.pid : -child.pid, 'SIGTERM');
    } catch {
      // It has ended meanwhile.
    }
  };
  options.signal.addEventListener('abort', stop);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    options.signal.throwIfAborted();
    if (code !== 0) {
      throw new NotPossible(
        `\`${[command, ...args].join(' ')}\` failed (${code}):\n${lines.slice(-LAST_LINES).join('\n')}`,
      );
    }
    return text;
  } finally {
    clearInterval(timer);
    options.signal.removeEventListener('abort', stop);
  }
}
