import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/testing/programs';

export const RUNBOOKS = join(ROOT, 'docs', 'runbooks');

/** A command of a runbook that was run, and what it printed. */
export interface Executed {
  readonly command: string;
  readonly output: string;
  readonly exitCode: number;
}

const COMMAND_TIMEOUT_MS = 300_000;
const MOST_OUTPUT = 4000;

/**
 * The commands under a heading: the lines of its blocks of `sh`. What is marked `console` is for AWS and not run.
 *
 * @throws Error if there is no such heading, or nothing to run under it
 */
export function commandsUnder(text: string, heading: string): string[] {
  const sections = text.split(/^## /m).map((section) => {
    const [title = '', ...lines] = section.split('\n');
    return { title: title.trim(), text: lines.join('\n') };
  });
  const section = sections.find(({ title }) => title === heading);
  if (section === undefined) throw new Error(`there is no heading "${heading}" in the runbook`);
  const blocks = [...section.text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'));
  const found = commands.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (found.length === 0) throw new Error(`there is nothing to run under "${heading}" in the runbook`);
  return found;
}

export function readRunbook(file: string): string {
  return readFileSync(join(RUNBOOKS, file), 'utf8');
}

/** Runs the commands one after another, as an operator of the system in `directory` would; the first that fails is the last. */
export async function execute(
  commands: readonly string[],
  directory: string,
  onExecuted: (executed: Executed) => void,
): Promise<void> {
  for (const command of commands) {
    const executed = await run(command, directory);
    onExecuted(executed);
    if (executed.exitCode !== 0) throw new Error(`\`${command}\` ended with ${executed.exitCode}: ${executed.output}`);
  }
}

function run(command: string, directory: string): Promise<Executed> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: ROOT,
      env: { ...process.env, TWINKEEP_DIRECTORY: directory, npm_config_loglevel: 'silent' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_TIMEOUT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-MOST_OUTPUT);
      });
    }
    child.once('error', (error) => resolve({ command, output: String(error), exitCode: -1 }));
    child.once('close', (code) => resolve({ command, output: output.trim(), exitCode: code ?? -1 }));
  });
}
