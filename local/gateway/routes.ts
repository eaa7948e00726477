import type { Metrics } from '../../lambdas/core';
import { TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import type { EventRoute } from './api-event';
import { Entry } from './entry';
import type { Invoker } from './invoker';

export interface Route extends EventRoute {
  readonly invoker: Invoker;
  readonly trafficClass: TrafficClass;
  /** How many requests of the class are let in; what asks whether a region is well is let in always. */
  readonly entry: Entry | undefined;
  readonly metrics: Metrics;
}

/** Paths outside every class; the function of class `other` answers them. */
const ROOT_PATHS = ['/health', '/openapi.json'];

/** Finds the function of a request by the first characters of its URL, before anything of it is parsed. */
export type Router = (url: string) => Route | undefined;

/** @throws Error if a traffic class has no function */
export function createRouter(invokers: readonly Invoker[], metricsOf: (invoker: Invoker) => Metrics): Router {
  const ofClass = (trafficClass: TrafficClass): Invoker => {
    const found = invokers.find(
      ({ definition: { trigger } }) => trigger.kind === 'api' && trigger.trafficClass === trafficClass,
    );
    if (found === undefined) throw new Error(`No function answers class ${trafficClass}`);
    return found;
  };
  const classes = TRAFFIC_CLASSES.map((trafficClass) => {
    const invoker = ofClass(trafficClass);
    const entry = new Entry(trafficClass);
    const metrics = metricsOf(invoker);
    const [prefix, resource] = [`/v1/${trafficClass}/`, `/v1/${trafficClass}/{proxy+}`];
    return { path: `/v1/${trafficClass}`, route: { invoker, trafficClass, entry, metrics, prefix, resource } };
  });
  const other = ofClass('other');
  const asked = { invoker: other, trafficClass: 'other', entry: undefined, metrics: metricsOf(other) } as const;
  const roots = ROOT_PATHS.map((path) => ({ path, route: { ...asked, prefix: path, resource: path } }));
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
