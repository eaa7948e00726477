import type { StageConfiguration } from '../../../lib/configuration';
import {
  classPrefix,
  FUNCTIONS,
  MAX_RECEIVES,
  parameterName,
  QUEUES,
  REGIONS,
  ROUTES,
  SWITCHES,
  TABLES,
  TRAFFIC_CLASSES,
  undeliveredQueue,
} from '../../../topology';
import type { Kind } from './facts';

/** The parts of the topology that the stacks deploy; tests leave some out, to see that it is noticed. */
export const TOPOLOGY = { FUNCTIONS, QUEUES, ROUTES, SWITCHES, TABLES } as const;
export type Topology = { readonly [Part in keyof typeof TOPOLOGY]: readonly (typeof TOPOLOGY)[Part][number][] };

type Expectation = (topology: Topology, stage: StageConfiguration) => string[];

const MINUTE_MS = 60_000;

const functions: Expectation = ({ FUNCTIONS: definitions }, { functions: settings }) =>
  definitions.flatMap(({ name, handler, regions, trigger, timeoutMs, reservedConcurrency }) => {
    const isApi = trigger.kind === 'api';
    const concurrency = isApi ? settings.reservedConcurrency[trigger.trafficClass] : reservedConcurrency;
    const trafficClass = isApi ? trigger.trafficClass : undefined;
    return regions.map((region) =>
      [region, region, name, `${handler}.handler`, `${timeoutMs / 1000}s`, concurrency, trafficClass].join(' '),
    );
  });

const schedules: Expectation = ({ FUNCTIONS: definitions }) =>
  definitions.flatMap(({ name, regions, trigger }) => {
    if (trigger.kind !== 'schedule') return [];
    const minutes = trigger.everyMs / MINUTE_MS;
    return regions.map((region) => `${region} ${name} rate(${minutes} minute${minutes === 1 ? '' : 's'})`);
  });

const sources: Expectation = ({ FUNCTIONS: definitions }) =>
  definitions.flatMap(({ name, regions, trigger }) =>
    trigger.kind === 'queue'
      ? regions.map((region) =>
          [region, trigger.queue, name, trigger.batchSize, trigger.concurrency, 'ReportBatchItemFailures'].join(' '),
        )
      : [],
  );

const queues: Expectation = ({ QUEUES: definitions }) => [
  ...definitions.flatMap(({ name, region, visibilityTimeoutS, deadLetters }) => [
    [region, name, visibilityTimeoutS, deadLetters, MAX_RECEIVES].join(' '),
    [region, deadLetters, undefined, undefined, undefined].join(' '),
  ]),
  ...REGIONS.map((region) => [region, undeliveredQueue(region), undefined, undefined, undefined].join(' ')),
];

const subscriptions: Expectation = ({ QUEUES: definitions }, stage) =>
  definitions
    .filter(({ kind }) => kind === 'events')
    .flatMap(({ name, region }) => REGIONS.map((topic) => [topic, stage.regions[region], name, true].join(' ')));

const BODIES = { json: 'application/json', 'merge-patch': 'application/json,application/merge-patch+json' } as const;

function answering(trafficClass: (typeof TRAFFIC_CLASSES)[number]): string {
  return `AWS_PROXY members-${trafficClass}`;
}

const routes: Expectation = ({ ROUTES: definitions }) =>
  REGIONS.flatMap((region) =>
    TRAFFIC_CLASSES.flatMap((trafficClass) =>
      definitions
        .filter(({ classes }) => classes.includes(trafficClass))
        .flatMap(({ method, path, body, open }) =>
          [`${classPrefix(trafficClass)}${path}`, ...(open ? [path] : [])].map((whole) =>
            [region, trafficClass, method, whole, answering(trafficClass), body === undefined ? '' : BODIES[body]].join(
              ' ',
            ),
          ),
        ),
    ),
  );

const refusals: Expectation = ({ ROUTES: definitions }) =>
  REGIONS.flatMap((region) =>
    TRAFFIC_CLASSES.flatMap((trafficClass) => {
      const paths = (route: (typeof definitions)[number]) => [
        `${classPrefix(trafficClass)}${route.path}`,
        ...(route.open ? [route.path] : []),
      ];
      return [...new Set(definitions.flatMap(paths))].map((path) =>
        [region, trafficClass, path, answering(trafficClass)].join(' '),
      );
    }),
  );

const switches: Expectation = ({ SWITCHES: definitions }, stage) =>
  REGIONS.flatMap((region) =>
    definitions.map(({ name, defaultValue }) =>
      [region, parameterName(stage.name, name), JSON.stringify(defaultValue)].join(' '),
    ),
  );

const tables: Expectation = ({ TABLES: definitions }, { regions }) =>
  definitions.map(({ name, partitionKey, sortKey, indexes = [] }) => {
    const keys = (partition: string, sort?: string) =>
      [`HASH:${partition}`, ...(sort === undefined ? [] : [`RANGE:${sort}`])].join(',');
    return [
      name,
      keys(partitionKey, sortKey),
      indexes.map((index) => `${index.name}(${keys(index.partitionKey, index.sortKey)})`),
      'STRONG',
      [regions.A, regions.B].sort(),
      [regions.witness],
    ].join(' ');
  });

/** What has to stand in the templates, by kind, in the words of `facts.ts`. */
export const EXPECTED: Readonly<Record<Kind, Expectation>> = {
  functions,
  schedules,
  sources,
  queues,
  subscriptions,
  routes,
  refusals,
  switches,
  tables,
};
