import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AWS_REGIONS, MAX_RECEIVES, QUEUES, type Queue, type Region } from '../../topology';
import type { EngineDefinition } from './definition';
import { getOk } from './http';
import type { Tools } from './install';
import { javaOptions } from './java-options';

export interface ElasticmqServer {
  readonly region: Region;
  readonly port: number;
  /** Port of the front, which queue URLs name. */
  readonly frontPort: number;
  readonly accountId: string;
  readonly dataDirectory: string;
}

/** Queue in which the front of a region's topic keeps what it owes to the other region. */
export const OWED_QUEUE = 'owed';

const OWED: Pick<Queue, 'name' | 'visibilityTimeoutS'> = { name: OWED_QUEUE, visibilityTimeoutS: 30 };

/** Names of all queues of a region: those of the topology, their dead letters, and the front's own. */
export function queueNames(region: Region): string[] {
  const queues = QUEUES.filter((queue) => queue.region === region);
  return [...queues.flatMap((queue) => [queue.name, queue.deadLetters]), OWED_QUEUE];
}

function queueBlocks(region: Region): string[] {
  const queues = QUEUES.filter((queue) => queue.region === region);
  const plain = (name: string, visibilityTimeoutS: number) =>
    `  "${name}" { defaultVisibilityTimeout = ${visibilityTimeoutS} seconds }`;
  return [
    ...queues.map((queue) => plain(queue.deadLetters, queue.visibilityTimeoutS)),
    ...queues.map(
      (queue) =>
        `  "${queue.name}" { defaultVisibilityTimeout = ${queue.visibilityTimeoutS} seconds, ` +
        `deadLettersQueue { name = "${queue.deadLetters}", maxReceiveCount = ${MAX_RECEIVES} } }`,
    ),
    plain(OWED.name, OWED.visibilityTimeoutS),
  ];
}

export function elasticmqConfiguration(server: ElasticmqServer): string {
  const messages = join(server.dataDirectory, 'messages');
  return [
    'include classpath("application.conf")',
    'pekko.loglevel = "WARNING"',
    'pekko.actor.guardian-supervisor-strategy = "ResumingSupervisor"',
    `node-address { protocol = http, host = "127.0.0.1", port = ${server.frontPort}, context-path = "" }`,
    `rest-sqs { bind-hostname = "127.0.0.1", bind-port = ${server.port} }`,
    'rest-stats { enabled = false }',
    `aws { region = "${AWS_REGIONS[server.region]}", accountId = "${server.accountId}" }`,
    // Without the immediate write a killed process forgets messages that it had accepted.
    `messages-storage { enabled = true, driver-class = "org.h2.Driver", prune-data-on-init = false, uri = "jdbc:h2:${messages};WRITE_DELAY=0" }`,
    `queues-storage { enabled = true, path = "${join(server.dataDirectory, 'queues.conf')}" }`,
    'queues {',
    ...queueBlocks(server.region),
    '}',
    '',
  ].join('\n');
}

/** The queues of one region. */
export function elasticmqEngine(server: ElasticmqServer, tools: Tools): EngineDefinition {
  const configuration = join(server.dataDirectory, 'elasticmq.conf');
  return {
    name: `sqs-${server.region}`,
    kind: 'sqs',
    region: server.region,
    role: 'queues',
    port: server.port,
    ports: [server.port],
    dataDirectory: server.dataDirectory,
    memoryMb: 400,
    readyTimeoutMs: 60_000,
    // It waits for every long poll, up to 20 s; what it has accepted is on the disk already.
    stopGraceMs: 1000,
    prepare: () => writeFile(configuration, elasticmqConfiguration(server)),
    launch: () => ({
      command: tools.java,
      arguments: [
        ...javaOptions({ most: '256m' }, tools.classArchives.elasticmq),
        `-Dconfig.file=${configuration}`,
        '-cp',
        `${tools.launchers}:${tools.classpaths.elasticmq}`,
        'org.elasticmq.server.Main',
      ],
    }),
    check: () => getOk(`http://127.0.0.1:${server.port}/health`),
    configure: async () => undefined,
  };
}
