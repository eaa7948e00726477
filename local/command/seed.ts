import type { RunningSystem } from '../system';

/** Brings the first members in, once in the life of a directory. */
export async function seedMembers(
  _system: RunningSystem,
  _members: number,
  _onProgress: (message: string) => void,
  _signal: AbortSignal,
): Promise<void> {}
