/** What can be given up under load, or while a dependency is slow; each has a switch `degrade/<feature>`. */
interface Degradable {
  /** What is the case while it is `on`. */
  readonly effect: string;
  /** Who is without it then. */
  readonly blastRadius: string;
}

export const DEGRADABLE = {
  'search-marketing': {
    effect: 'Searches of class marketing are refused (503 SHED), or answered by default.',
    blastRadius: 'Searches of class marketing.',
  },
  'search-other': {
    effect: 'Searches of class other are refused (503 SHED).',
    blastRadius: 'Searches of class other.',
  },
  'lookups-marketing': {
    effect: 'Look-ups by profile key in class marketing are refused (503 SHED), or answered by default.',
    blastRadius: 'Look-ups by profile key in class marketing.',
  },
  'lookups-other': {
    effect: 'Look-ups by profile key in class other are refused (503 SHED).',
    blastRadius: 'Look-ups by profile key in class other.',
  },
  'origin-marketing': {
    effect:
      'Reads by id, by account and of batches of class marketing are answered from the cache alone; a miss is 503 SHED.',
    blastRadius: 'Reads of class marketing of members that were not read lately.',
  },
  'origin-other': {
    effect:
      'Reads by id, by account and of batches of class other are answered from the cache alone; a miss is 503 SHED.',
    blastRadius: 'Reads of class other of members that were not read lately.',
  },
  'certainty-marketing': {
    effect:
      'Where searches and look-ups of class marketing cannot be answered, they are by an empty list, marked Degraded: default.',
    blastRadius: 'Callers of class marketing that take an empty list for the truth without looking at Degraded.',
  },
  'deep-health': {
    effect: 'Whoever asks for deep health gets the shallow answer; no dependency is asked.',
    blastRadius: 'Monitors that look at single dependencies.',
  },
  comparison: {
    effect: 'Copies are not compared with the rows.',
    blastRadius: 'A copy that is stale is not found meanwhile.',
  },
  'domain-order': {
    effect: 'Requests leave search domain order alone, as if it were lost.',
    blastRadius: 'Look-ups of class order go to standby.',
  },
  'domain-standby': {
    effect: 'Requests leave search domain standby alone, as if it were lost.',
    blastRadius: 'Look-ups and searches of class other go to marketing, which is asked for less.',
  },
  'domain-marketing': {
    effect: 'Requests leave search domain marketing alone, as if it were lost.',
    blastRadius: 'Class marketing has no searches and no look-ups; class other has no second domain.',
  },
  forwarding: {
    effect: 'Writes whose writer stands in the other region are refused at once (503 UNAVAILABLE), and not forwarded.',
    blastRadius: 'Writes that reach a region without their writer.',
  },
} as const satisfies Readonly<Record<string, Degradable>>;

export type DegradableFeature = keyof typeof DEGRADABLE;

export const DEGRADABLE_FEATURES = Object.keys(DEGRADABLE) as readonly DegradableFeature[];
