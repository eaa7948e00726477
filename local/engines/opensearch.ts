import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DomainName, Region } from '../../topology';
import type { EngineDefinition } from './definition';
import { getOk } from './http';
import type { Tools } from './install';
import { javaOptions } from './java-options';

export interface OpensearchNode {
  readonly domain: DomainName;
  readonly region: Region;
  readonly port: number;
  readonly transportPort: number;
  readonly dataDirectory: string;
}

const HEAP = '512m';

export function nodeSettings(node: OpensearchNode): string {
  return [
    `cluster.name: twinkeep-${node.domain}`,
    'network.host: 127.0.0.1',
    `http.port: ${node.port}`,
    `transport.port: ${node.transportPort}`,
    'discovery.type: single-node',
    // A developer's full disk must not turn the indices read-only.
    'cluster.routing.allocation.disk.threshold_enabled: false',
    '',
  ].join('\n');
}

/** One search domain: a cluster of one node. */
export function opensearchEngine(node: OpensearchNode, tools: Tools): EngineDefinition {
  return {
    name: node.domain,
    kind: 'opensearch',
    region: node.region,
    role: node.domain,
    port: node.port,
    ports: [node.port, node.transportPort],
    dataDirectory: node.dataDirectory,
    memoryMb: 620,
    readyTimeoutMs: 180_000,
    prepare: async () => {
      const directory = join(node.dataDirectory, 'node_1', 'config');
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'opensearch.yml'), nodeSettings(node));
    },
    launch: () => ({
      command: tools.java,
      arguments: [
        ...javaOptions({ initial: HEAP, most: HEAP }, tools.classArchives.opensearch),
        '-cp',
        `${tools.launchers}:${tools.classpaths.opensearch}`,
        'SearchNode',
        '-basePath',
        node.dataDirectory,
        '-numOfNode',
        '1',
        '-clusterName',
        `twinkeep-${node.domain}`,
        // The first node takes the port above the base.
        '-baseHttpPort',
        String(node.port - 1),
      ],
    }),
    check: () => getOk(`http://127.0.0.1:${node.port}/_cluster/health?wait_for_status=yellow&timeout=1s`),
    configure: async () => undefined,
  };
}
