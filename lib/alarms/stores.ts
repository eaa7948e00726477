import { Aws, Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { DOMAINS, TABLES } from '../../topology';
import { clustersOf } from '../constructs/names';
import type { RegionStack } from '../constructs/region-stack';
import type { AlarmDefinition } from './definition';

const MINUTE = Duration.minutes(1);
const MB_PER_GB = 1024;

function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic, period: MINUTE });
}

export function searchAlarms({ home, names, stage }: RegionStack): AlarmDefinition[] {
  const loss = 'search';
  return Object.values(DOMAINS)
    .filter(({ region }) => region === home)
    .flatMap(({ name: of }): AlarmDefinition[] => {
      const dimensions = { DomainName: names.of(of), ClientId: Aws.ACCOUNT_ID };
      const about = (name: string, statistic: string) => metric('AWS/ES', name, dimensions, statistic);
      const fifthMb = (stage.search[of].storageGbPerNode * MB_PER_GB) / 5;
      return [
        {
          loss,
          name: 'domain-red',
          of,
          says: `Search domain ${of} lacks a primary shard, or does not answer.`,
          metric: about('ClusterStatus.red', 'Maximum'),
          threshold: 0,
          when: 'above',
          periods: 3,
          silence: 'bad',
        },
        {
          loss,
          name: 'domain-full',
          of,
          says: `A node of search domain ${of} has less than a fifth of its storage left.`,
          metric: about('FreeStorageSpace', 'Minimum'),
          threshold: fifthMb,
          when: 'below',
          periods: 5,
          silence: 'good',
        },
        {
          loss,
          name: 'domain-memory',
          of,
          says: `Search domain ${of} has used more than 92 % of its heap for a quarter of an hour.`,
          metric: about('JVMMemoryPressure', 'Maximum'),
          threshold: 92,
          when: 'above',
          periods: 15,
          silence: 'good',
        },
      ];
    });
}

export function cacheAlarms({ names, stage }: RegionStack): AlarmDefinition[] {
  const loss = 'cache';
  const shards = Array.from({ length: stage.cache.shards }, (_, index) => String(index + 1).padStart(4, '0'));
  return shards.flatMap((of): AlarmDefinition[] => {
    const dimensions = { CacheClusterId: `${names.prefix}-${of}-001` };
    const about = (name: string) => metric('AWS/ElastiCache', name, dimensions, 'Maximum');
    return [
      {
        loss,
        name: 'cache-busy',
        of,
        says: `The first node of shard ${of} of the cache is busy for more than 90 % of the time, or gone.`,
        metric: about('EngineCPUUtilization'),
        threshold: 90,
        when: 'above',
        periods: 3,
        silence: 'bad',
      },
      {
        loss,
        name: 'cache-full',
        of,
        says: `Shard ${of} of the cache is full to more than 90 %: values leave it before their time.`,
        metric: about('DatabaseMemoryUsagePercentage'),
        threshold: 90,
        when: 'above',
        periods: 5,
        silence: 'good',
      },
    ];
  });
}

/** A primary's uptime tells of its failover; a secondary's lag of what a promotion would lose. */
export function databaseAlarms({ home, names, stage }: RegionStack): AlarmDefinition[] {
  return clustersOf(stage).flatMap((cluster): AlarmDefinition[] => {
    const of = cluster.name;
    const identifier = names.inRegion(home, of);
    const about = (name: string, statistic: string, role: 'WRITER' | 'READER') =>
      metric('AWS/RDS', name, { DBClusterIdentifier: identifier, Role: role }, statistic);
    if (cluster.home !== home) {
      return [
        {
          loss: 'unit',
          name: 'replica-late',
          of,
          says: `This region's copy of cluster ${of} is more than 5 s behind its writer, or does not hear of it.`,
          metric: replicationLag(identifier),
          threshold: 5000,
          when: 'above',
          periods: 3,
          silence: 'bad',
        },
      ];
    }
    return [
      {
        loss: 'writer',
        name: 'writer-restarted',
        of,
        says: `The writer of cluster ${of} has been up for less than two minutes, or is gone.`,
        metric: about('EngineUptime', 'Minimum', 'WRITER'),
        threshold: 120,
        when: 'below',
        periods: 1,
        silence: 'bad',
      },
      {
        loss: 'writer',
        name: 'writer-busy',
        of,
        says: `The writer of cluster ${of} has been busy for more than 85 % of ten minutes.`,
        metric: about('CPUUtilization', 'Average', 'WRITER'),
        threshold: 85,
        when: 'above',
        periods: 10,
        silence: 'good',
      },
    ];
  });
}

/** By a query, which finds the metric whatever dimensions AWS gives it beside the cluster, such as the source's region. */
function replicationLag(cluster: string): MathExpression {
  const expression = `SELECT MAX(AuroraGlobalDBReplicationLag) FROM "AWS/RDS" WHERE DBClusterIdentifier = '${cluster}'`;
  return new MathExpression({ expression, usingMetrics: {}, period: MINUTE });
}

const OPERATIONS = ['GetItem', 'UpdateItem'] as const;

export function arbiterAlarms({ names }: RegionStack): AlarmDefinition[] {
  const loss = 'arbiter';
  return TABLES.flatMap(({ name: table }) =>
    OPERATIONS.flatMap((operation): AlarmDefinition[] => {
      const dimensions = { TableName: names.table(table), Operation: operation };
      const of = `${table}-${operation}`;
      const about = (name: string, statistic: string) => metric('AWS/DynamoDB', name, dimensions, statistic);
      return [
        {
          loss,
          name: 'arbiter-errors',
          of,
          says: `${operation} of table ${table} of the arbiter fails on the side of AWS.`,
          metric: about('SystemErrors', 'Sum'),
          threshold: 5,
          when: 'above',
          periods: 2,
          silence: 'good',
        },
        {
          loss,
          name: 'arbiter-throttled',
          of,
          says: `${operation} of table ${table} of the arbiter is refused for its rate.`,
          metric: about('ThrottledRequests', 'Sum'),
          threshold: 5,
          when: 'above',
          periods: 2,
          silence: 'good',
        },
      ];
    }),
  );
}
