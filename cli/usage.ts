/** The command was called in a way that it does not understand; its message says what would be right. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** What `parseArgs` throws for options that it does not know. */
export function isArgumentError(error: unknown): error is { readonly message: string } {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}

/** @throws UsageError unless the text is a whole number within the bounds */
export function readCount(name: string, text: string, bounds: { least: number; most: number }): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.least && value <= bounds.most) return value;
  throw new UsageError(`--${name} must be a whole number from ${bounds.least} to ${bounds.most}, not ${text}`);
}
