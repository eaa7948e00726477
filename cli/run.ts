import { parseArgs } from 'node:util';
import type { Command, Terminal } from './commands/command';
import { EXIT, isArgumentError, UsageError } from './usage';

const OPTIONS_OF_ALL = {
  help: { type: 'boolean', short: 'h', default: false },
  json: { type: 'boolean', default: false },
} as const;

/**
 * Runs the command that the words name.
 * @returns the exit code
 */
export async function run(commands: readonly Command[], words: readonly string[], terminal: Terminal): Promise<number> {
  const command = findCommand(commands, words);
  if (command === undefined) return explainUnknown(commands, words, terminal);
  return runCommand(command, words.slice(command.name.split(' ').length), terminal);
}

/** Runs one command with the words behind its name. */
export async function runCommand(command: Command, words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const options = { ...OPTIONS_OF_ALL, ...command.options };
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    if (values.help === true) {
      terminal.out(`twinkeep ${command.name} ${command.synopsis}\n\n${sentence(command.summary)}\n${command.help}\n`);
      return EXIT.done;
    }
    return await command.run({ values: values as Record<string, string | boolean | undefined>, positionals, terminal });
  } catch (error) {
    if (!(error instanceof UsageError) && !isArgumentError(error)) throw error;
    terminal.error(`${error.message}\nSee: twinkeep ${command.name} --help\n`);
    return EXIT.usage;
  }
}

/** The command whose words the call begins with, the longest first. */
function findCommand(commands: readonly Command[], words: readonly string[]): Command | undefined {
  return [...commands]
    .sort((a, b) => b.name.length - a.name.length)
    .find(({ name }) => name.split(' ').every((word, index) => words[index] === word));
}

function explainUnknown(commands: readonly Command[], words: readonly string[], terminal: Terminal): number {
  const asksForHelp = words.length === 0 || words.some((word) => word === '--help' || word === '-h' || word === 'help');
  const related = commands.filter(({ name }) => name.split(' ')[0] === words[0]);
  const list = describeCommands(related.length > 0 ? related : commands);
  if (asksForHelp) {
    terminal.out(list);
    return words.length === 0 ? EXIT.usage : EXIT.done;
  }
  const isIncomplete = related.some(({ name }) => name.startsWith(`${words.join(' ')} `));
  const wrong = isIncomplete ? `"${words.join(' ')}" lacks what to do.` : `There is no command "${words.join(' ')}".`;
  terminal.error(`${wrong}\n\n${list}`);
  return EXIT.usage;
}

function describeCommands(commands: readonly Command[]): string {
  const lines = commands.map(({ name, synopsis, summary }) => `  twinkeep ${name} ${synopsis}\n      ${summary}\n`);
  return `Commands:\n${lines.join('')}\nEach has --help, and --json for output that programs read.\n`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
