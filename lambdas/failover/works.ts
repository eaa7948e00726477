import { setTimeout as delay } from 'node:timers/promises';
import { DOMAIN_NAMES } from '../../topology';
import type { Arbiter, UnitDecision } from '../arbiter';
import type { UnderWay, Work } from './controller';
import type { FailoverOrder } from './messages';
import { hasLeftLists, isUnderWay, readmissionWithRevision } from './readmission';

/**
 * Transitions of units, and domains on their way back, each with what rises while somebody is at it; and the domains that
 * left lists and are on no way back.
 */
export async function lookAtWorks(
  { observations, decisions }: Pick<Arbiter, 'observations' | 'decisions'>,
  units: readonly UnitDecision[],
): Promise<UnderWay> {
  const moving = units.filter(({ transition }) => transition !== undefined);
  const [signs, domains] = await Promise.all([
    moving.length === 0 ? new Map<string, number>() : observations.signsOfLife(),
    Promise.all(DOMAIN_NAMES.map(async (name) => ({ name, ...(await readmissionWithRevision(decisions, name)) }))),
  ]);
  const works = [
    ...moving.map(({ unit }): Work => ({ subject: `unit/${unit}`, count: signs.get(unit) ?? 0 })),
    ...domains
      .filter(({ readmission }) => isUnderWay(readmission))
      .map(({ name, revision }): Work => ({ subject: `domain/${name}`, count: revision })),
  ];
  const left = domains.filter(({ readmission }) => hasLeftLists(readmission)).map(({ name }) => name);
  return { works, left };
}

/** What has somebody go on with it. */
export function orderToCarryOn(subject: Work['subject']): FailoverOrder {
  const domain = DOMAIN_NAMES.find((name) => subject === `domain/${name}`);
  if (domain !== undefined) return { kind: 'readmit', domain };
  return { kind: 'advance', unit: subject.slice('unit/'.length) };
}

/** Much more often than looks are taken at what is under way. */
const SIGN_EVERY_MS = 2000;

/** Carries a unit's transition on by `carry`, and lets be known meanwhile that somebody is at it. */
export async function carriedVisibly<T>(
  { observations }: Pick<Arbiter, 'observations'>,
  unit: string,
  carry: () => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const showing = (async () => {
    while (!ending.signal.aborted) {
      // A sign that is missing has somebody else go on as well, which does no harm.
      await observations.showLife(unit).catch(() => undefined);
      await delay(SIGN_EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  try {
    return await carry();
  } finally {
    ending.abort();
    await showing;
  }
}
