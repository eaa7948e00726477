import { DEFAULT_DIRECTORY } from '../state';
import { UsageError } from '../usage';
import { type Command, textOption } from './command';

/** Option of every command that asks a running system. */
export const directoryOption: Command['options'] = { directory: { type: 'string', default: DEFAULT_DIRECTORY } };

export function directoryOf(values: Parameters<Command['run']>[0]['values']): string {
  return textOption(values, 'directory') ?? DEFAULT_DIRECTORY;
}

/** @throws UsageError unless exactly one queue is named */
export function queueOf(positionals: readonly string[]): string {
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) throw new UsageError('Name one queue.');
  return name;
}

/** Why a service did not answer, in one line. */
export function reasonOf(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return message === '' ? name : (message.split('\n')[0] ?? name);
}
