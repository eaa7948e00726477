/** What this room reads of the engine's answers. */
export interface ErrorAnswer {
  readonly error?: { readonly type?: string } | string;
}

export interface Hit {
  readonly _id: string;
  readonly _version?: number;
  readonly _source?: unknown;
}

export interface SearchAnswer {
  readonly hits: {
    readonly total?: { readonly value: number; readonly relation: string };
    readonly hits: readonly Hit[];
  };
}

export interface GetAnswer {
  readonly found?: boolean;
  readonly _source?: unknown;
}

export interface BulkAnswer {
  readonly items: readonly Readonly<Record<string, BulkItem>>[];
}

export interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type?: string };
}

/** The engine's name for an error. Its reason quotes values, so it is left out everywhere. */
export function errorType(body: unknown): string {
  const error = (body as ErrorAnswer | undefined | null)?.error;
  return (typeof error === 'object' ? error?.type : undefined) ?? 'unknown error';
}
