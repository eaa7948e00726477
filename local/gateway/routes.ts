import { TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import type { EventRoute } from './api-event';
import type { Invoker } from './invoker';

export interface Route extends EventRoute {
  readonly invoker: Invoker;
  readonly trafficClass: TrafficClass;
}

/** Paths outside every class; the function of class `other` answers them. */
const ROOT_PATHS = ['/health', '/openapi.json'];

/** Finds the function of a request by the first characters of its URL, before anything of it is parsed. */
export type Router = (url: string) => Route | undefined;

/** @throws Error if a traffic class has no function */
export function createRouter(invokers: readonly Invoker[]): Router {
  const ofClass = (trafficClass: TrafficClass): Invoker => {
    const found = invokers.find(
      ({ definition: { trigger } }) => trigger.kind === 'api' && trigger.trafficClass === trafficClass,
    );
    if (found === undefined) throw new Error(`No function answers class ${trafficClass}`);
    return found;
  };
  const classes = TRAFFIC_CLASSES.map((trafficClass) => ({
    path: `/v1/${trafficClass}`,
    route: {
      invoker: ofClass(trafficClass),
      trafficClass,
      prefix: `/v1/${trafficClass}/`,
      resource: `/v1/${trafficClass}/{proxy+}`,
    },
  }));
  const roots = ROOT_PATHS.map((path) => ({
    path,
    route: { invoker: ofClass('other'), trafficClass: 'other' as const, prefix: path, resource: path },
  }));
  return (url) => {
    for (const { path, route } of classes) if (url.startsWith(path) && endsAt(url, path.length, true)) return route;
    for (const { path, route } of roots) if (url.startsWith(path) && endsAt(url, path.length, false)) return route;
    return undefined;
  };
}

function endsAt(url: string, index: number, mayGoOn: boolean): boolean {
  if (url.length === index) return true;
  const next = url[index];
  return next === '?' || (mayGoOn && next === '/');
}
