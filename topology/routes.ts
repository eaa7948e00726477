import { CLASS_RULES, TRAFFIC_CLASSES, type TrafficClass } from './traffic-classes';

export const OPERATIONS = [
  'registerMember',
  'getMember',
  'patchMember',
  'closeMember',
  'bindAccount',
  'unbindAccount',
  'findByAccount',
  'findByKey',
  'batchMembers',
  'searchMembers',
  'health',
  'openapi',
] as const;
export type Operation = (typeof OPERATIONS)[number];
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call of the API. */
export interface Route {
  readonly operation: Operation;
  readonly method: HttpMethod;
  /** Below the prefix of a class; `{name}` stands for one segment. */
  readonly path: string;
  /** Refused in classes that only read. */
  readonly writes: boolean;
  /** Classes that know this call; in the others the path does not exist. */
  readonly classes: readonly TrafficClass[];
  /** The body that the call takes; a body sent to a call without one is ignored. */
  readonly body?: 'json' | 'merge-patch';
  /** Answered without an API key, and also without the prefix of a class. */
  readonly open?: true;
}

const WITH_SEARCH = TRAFFIC_CLASSES.filter((name) => CLASS_RULES[name].search);

const read = { classes: TRAFFIC_CLASSES, writes: false } as const;
const write = { classes: TRAFFIC_CLASSES, writes: true } as const;

export const ROUTES: readonly Route[] = [
  { operation: 'registerMember', method: 'POST', path: '/members', ...write, body: 'json' },
  { operation: 'findByKey', method: 'GET', path: '/members', ...read },
  { operation: 'batchMembers', method: 'POST', path: '/members/batch', ...read, body: 'json' },
  { operation: 'searchMembers', method: 'POST', path: '/members/search', ...read, classes: WITH_SEARCH, body: 'json' },
  { operation: 'getMember', method: 'GET', path: '/members/{id}', ...read },
  { operation: 'patchMember', method: 'PATCH', path: '/members/{id}', ...write, body: 'merge-patch' },
  { operation: 'closeMember', method: 'DELETE', path: '/members/{id}', ...write },
  { operation: 'bindAccount', method: 'PUT', path: '/members/{id}/accounts/{platform}/{account}', ...write },
  { operation: 'unbindAccount', method: 'DELETE', path: '/members/{id}/accounts/{platform}/{account}', ...write },
  { operation: 'findByAccount', method: 'GET', path: '/accounts/{platform}/{account}', ...read },
  { operation: 'health', method: 'GET', path: '/health', ...read, open: true },
  { operation: 'openapi', method: 'GET', path: '/openapi.json', ...read, open: true },
];

/** Every path of a class begins with this. */
export function classPrefix(trafficClass: TrafficClass): string {
  return `/v1/${trafficClass}`;
}
