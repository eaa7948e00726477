import type { BareStores } from '../bare/stores';
import type { BenchMember, HttpRequest } from '../job';

/** What requests are made of. */
export interface RequestContext {
  readonly members: readonly BenchMember[];
  readonly apiKey: string;
  readonly run: string;
}

/** One operation after another, each with a number of its own. */
export type Operation = (index: number) => Promise<unknown>;

/** What is done with the drivers alone, in the same process. */
export interface Bare {
  readonly operation: Operation;
  /** Before each round; its time does not count. */
  readonly beforeRound?: () => Promise<void>;
}

/** A kind of request, measured at the handler's level and over HTTP. */
export interface RequestPath {
  readonly name: string;
  readonly title: string;
  /** What the drivers alone are made to do. */
  readonly bareTitle: string;
  readonly writes: boolean;
  /** How many are under way at once at the handler's level. */
  readonly inFlight: number;
  /** Whether the same number always makes the same request, so that they can be made ahead. */
  readonly repeats: boolean;
  readonly expectedStatus: number;
  /** What the header `Source` must begin with; whatever else is answered is another path. */
  readonly expectedSource?: string;
  /** Most operations of a round, where a round uses something up. */
  readonly mostInRound?: (context: RequestContext) => number;
  readonly request: (context: RequestContext) => (index: number) => HttpRequest;
  /** Before each round of the handler. */
  readonly beforeRound?: (stores: BareStores, context: RequestContext) => Promise<void>;
  readonly bare: (stores: BareStores, context: RequestContext) => Promise<Bare>;
  /** Whether it is measured over HTTP too: a cold cache cannot be had at a rate. */
  readonly overHttp: boolean;
  /** Beside the least that a server can do, which is the same for all. */
  readonly isFloorShown: boolean;
}

export function at<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new RangeError('there is nothing to choose from');
  return value;
}

export function readHeaders({ apiKey }: RequestContext): Readonly<Record<string, string>> {
  return { 'x-api-key': apiKey, accept: 'application/json' };
}

export function bodyHeaders(context: RequestContext, type = 'application/json'): Readonly<Record<string, string>> {
  return { ...readHeaders(context), 'content-type': type };
}

export const MEMBERS = '/v1/order/members';
