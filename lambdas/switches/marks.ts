import { randomUUID } from 'node:crypto';

/** A version of a parameter, as the history of a region's store tells it. */
export interface ParameterVersion {
  readonly version: number;
  readonly description: string;
  /** Who made it, where the store tells. */
  readonly user?: string;
}

export type Maker = { readonly kind: 'machine' } | { readonly kind: 'operator'; readonly user?: string };

const MARK = /\(put by Twinkeep, [\da-f-]{36}\)$/;

/** The description that the machine gives a parameter with its value: what it was, and a mark that no other put bears. */
export function markedDescription(description: string): string {
  return `${description} (put by Twinkeep, ${randomUUID()})`;
}

/**
 * Who made a version of a parameter: the machine, where it is the first one with its mark. A later version with the same
 * mark is somebody's who kept it: the Parameter Store does not document whether a put that names no description leaves
 * the one that stood, and its console offers it again.
 *
 * @returns undefined if the history does not tell of this version
 */
export function makerOf(versions: readonly ParameterVersion[], version: number): Maker | undefined {
  const made = versions.find((one) => one.version === version);
  if (made === undefined) return undefined;
  const mark = markIn(made);
  const isFirst = !versions.some((one) => one.version < version && markIn(one) === mark);
  if (mark !== undefined && isFirst) return { kind: 'machine' };
  return { kind: 'operator', ...(made.user !== undefined && { user: made.user }) };
}

/** Whether somebody made a version between these two. */
export function hasOrdersBetween(versions: readonly ParameterVersion[], after: number, before: number): boolean {
  const between = versions.filter(({ version }) => after < version && version < before);
  return between.some(({ version }) => makerOf(versions, version)?.kind === 'operator');
}

function markIn({ description }: ParameterVersion): string | undefined {
  return MARK.exec(description)?.[0];
}
