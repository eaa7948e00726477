import { classPrefix, type HttpMethod, ROUTES, type Route, type TrafficClass } from '../../../topology';
import { Problem } from '../../core';

/** Decoded segments of a path, by the names that its route gives them; '' where the route has no such segment. */
export interface PathParameters {
  id: string;
  platform: string;
  account: string;
}

export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<PathParameters>;
}

/**
 * Finds the call that a request means.
 *
 * @param path as it was sent, with the prefix of the class and percent-encoded
 * @throws Problem NO_SUCH_ROUTE, METHOD_NOT_ALLOWED (with `Allow`), or INVALID_REQUEST if an encoding is malformed
 */
export type MatchRoute = (method: string, path: string) => RouteMatch;

/** Paths as a tree of segments: a literal is taken before a parameter, so that `batch` is never an id. */
interface Segment {
  readonly literals: Map<string, Segment>;
  parameter?: { readonly name: keyof PathParameters; readonly segment: Segment };
  readonly routes: Map<string, Route>;
}

export function createRouter(trafficClass: TrafficClass): MatchRoute {
  const prefix = `${classPrefix(trafficClass)}/`;
  const root = treeOf(trafficClass);
  const unprefixed = new Set(ROUTES.filter((route) => route.open).map((route) => route.path));
  return (method, path) => {
    if (path.startsWith(prefix)) return matchBelow(root, method, path, prefix.length);
    if (unprefixed.has(path)) return matchBelow(root, method, path, 1);
    throw new Problem('NO_SUCH_ROUTE');
  };
}

function treeOf(trafficClass: TrafficClass): Segment {
  const root = newSegment();
  for (const route of ROUTES) {
    const last = route.path.slice(1).split('/').reduce(childOf, root);
    // A path that a class does not know still has its place, or its last segment would be read as an id.
    if (route.classes.includes(trafficClass)) last.routes.set(route.method, route);
  }
  return root;
}

function newSegment(): Segment {
  return { literals: new Map(), routes: new Map() };
}

function childOf(parent: Segment, text: string): Segment {
  if (text.startsWith('{')) {
    parent.parameter ??= { name: text.slice(1, -1) as keyof PathParameters, segment: newSegment() };
    return parent.parameter.segment;
  }
  const child = parent.literals.get(text) ?? newSegment();
  parent.literals.set(text, child);
  return child;
}

/** Walks the path from `start`; values are decoded only once it is known that there is such a call. */
function matchBelow(root: Segment, method: string, path: string, start: number): RouteMatch {
  const raw: PathParameters = { id: '', platform: '', account: '' };
  let at = root;
  let from = start;
  while (from <= path.length) {
    const slash = path.indexOf('/', from);
    const end = slash === -1 ? path.length : slash;
    const text = path.slice(from, end);
    const literal = at.literals.get(text);
    if (literal !== undefined) {
      at = literal;
    } else {
      // An empty segment is no value: a slash at the end of a path leads nowhere.
      if (at.parameter === undefined || text === '') throw new Problem('NO_SUCH_ROUTE');
      raw[at.parameter.name] = text;
      at = at.parameter.segment;
    }
    from = end + 1;
  }
  return { route: routeAt(at, method), parameters: decoded(raw) };
}

function routeAt({ routes }: Segment, method: string): Route {
  if (routes.size === 0) throw new Problem('NO_SUCH_ROUTE');
  const route = routes.get(method as HttpMethod);
  if (route !== undefined) return route;
  throw new Problem('METHOD_NOT_ALLOWED', { headers: { Allow: [...routes.keys()].sort().join(', ') } });
}

function decoded(raw: PathParameters): PathParameters {
  raw.id = decodedOnce('id', raw.id);
  raw.platform = decodedOnce('platform', raw.platform);
  raw.account = decodedOnce('account', raw.account);
  return raw;
}

/** What stands for itself; bytes beyond ASCII have to be encoded, because nothing says what they mean. */
const PLAIN = /^[!-$&-~]*$/;
const ENCODED = /^[!-~]*$/;

function decodedOnce(name: keyof PathParameters, text: string): string {
  if (PLAIN.test(text)) return text;
  try {
    if (ENCODED.test(text)) return decodeURIComponent(text);
  } catch {
    // URIError: refused below, with what is not even encoded.
  }
  throw new Problem('INVALID_REQUEST', { errors: [{ path: name, message: 'must be percent-encoded UTF-8' }] });
}
