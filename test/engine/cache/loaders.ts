import type { Fillable, ReadOutcome, Uncacheable } from '../../../lambdas/cache';

/** What a loader found at the writer. */
export function found(version: number, body = `body of ${version}`): Fillable {
  return { kind: 'fillable', entry: { version, flag: 'v', body }, behindMs: 0 };
}

type Found = Fillable | Uncacheable<string>;

/** A loader that counts, and that answers when told to. */
export function gatedLoader(result: Found) {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const load = jest.fn(async (_: { floor: number }): Promise<Found> => {
    await gate;
    return result;
  });
  return { load, open };
}

export const loader = (result: Found) => jest.fn(async (_: { floor: number }): Promise<Found> => result);

export function versionIn(outcome: ReadOutcome<unknown>): number | undefined {
  if (outcome.source === 'cache') return outcome.entry.version;
  return outcome.found.kind === 'fillable' ? outcome.found.entry.version : undefined;
}
