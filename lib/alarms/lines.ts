import { Duration } from 'aws-cdk-lib';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { RegionStack } from '../constructs/region-stack';
import type { AlarmDefinition, Loss } from './definition';

const MINUTE = Duration.minutes(1);

/** What only a function knows, by the line that it writes. */
interface Line {
  readonly loss: Loss;
  readonly name: string;
  /** A function, or the first part of the name of one that each region has for itself. */
  readonly of: string;
  readonly isRegional?: true;
  /** Nothing that passes by itself: it is told at once. */
  readonly isOneEnough?: true;
  readonly message: string;
  readonly says: string;
  /** Most lines a minute that are no reason to tell anybody; a few by default. */
  readonly most?: number;
}

const LISTED = 'a change that a failover left behind could not be merged; it is listed';

export const LINES: readonly Line[] = [
  {
    loss: 'cache',
    name: 'cache-silent',
    of: 'members-order',
    message: 'cache does not answer',
    says: 'Environments of class order go without a cache, because it does not answer.',
  },
  {
    loss: 'unit',
    name: 'unit-without-heartbeat',
    of: 'heartbeat',
    message: 'a unit has no heartbeat',
    says: 'The heartbeat of this region does not reach the databases of a unit.',
  },
  {
    loss: 'events',
    name: 'topic-refuses',
    of: 'members-order',
    message: 'a topic did not accept events; the outbox keeps them',
    says: 'A topic does not accept events; they wait in the outbox.',
  },
  {
    loss: 'events',
    name: 'events-repeated',
    of: 'relay',
    message: 'events were published again',
    says: 'Events of units at home here are published again and again: their queue is gone, or nobody empties it.',
    // A round is five seconds long.
    most: 2,
  },
  {
    loss: 'events',
    name: 'one-region-only',
    of: 'members-order',
    isOneEnough: true,
    message: 'a write is acknowledged by one region only',
    says: 'A write that was to stand in both regions stands in one: its events did not reach the other.',
  },
  {
    loss: 'switches',
    name: 'switches-unread',
    of: 'members-order',
    message: 'the switches cannot be read; the last safe values stand',
    says: 'Environments of class order cannot read the switches.',
  },
  {
    loss: 'events',
    name: 'copy-stale',
    of: 'staleness',
    isOneEnough: true,
    message: 'a copy is stale',
    says: 'A search domain or a cache of this region answers what its rows do not say.',
  },
  {
    loss: 'unit',
    name: 'unit-left-to-people',
    of: 'failover',
    isRegional: true,
    isOneEnough: true,
    message: 'a unit is left to people: its copy is too far behind',
    says: 'The writer of a unit is lost, and its copy in this region is too far behind for the unit to move by itself.',
  },
  {
    loss: 'unit',
    name: 'values-listed',
    of: 'failover',
    isRegional: true,
    isOneEnough: true,
    message: LISTED,
    says: 'A replay or a comparison found values that could not be ordered: someone has to decide.',
  },
  {
    loss: 'unit',
    name: 'late-values-listed',
    of: 'invalidate',
    isRegional: true,
    isOneEnough: true,
    message: LISTED,
    says: 'A late event brought values that could not be ordered: someone has to decide.',
  },
  {
    loss: 'unit',
    name: 'operations-listed',
    of: 'sweep',
    isOneEnough: true,
    message: 'operations that a failover cut off have no outcome; they are listed',
    says: 'Nobody knows whether some writes that a failover cut off were done: someone has to decide.',
  },
  {
    loss: 'unit',
    name: 'commands-listed',
    of: 'failover',
    isRegional: true,
    isOneEnough: true,
    message: 'a command that was accepted in fallback is refused; it is listed',
    says: 'A command that was accepted while its database was gone could not be carried out: someone has to decide.',
  },
  {
    loss: 'arbiter',
    name: 'leases-not-renewed',
    of: 'heartbeat',
    message: 'no lease is renewed: the arbiter does not answer',
    says: 'The arbiter does not answer the heartbeat: leases run out, and then writes stop.',
  },
  {
    loss: 'unit',
    name: 'fallback-unfit',
    of: 'canary',
    message: 'the way of a fallback does not work',
    says: 'A unit of this region could not be written without its database, should that be lost now.',
    // The canary sings once a minute.
    most: 0,
  },
];

const LINES_THAT_COUNT = 5;

export function lineAlarms(stack: RegionStack): AlarmDefinition[] {
  return LINES.map(
    ({ loss, name, of, isRegional, isOneEnough, message, says, most = LINES_THAT_COUNT }): AlarmDefinition => {
      const functionName = isRegional ? `${of}-${stack.home}` : of;
      const filter = new MetricFilter(stack, `Line-${name}`, {
        logGroup: LogGroup.fromLogGroupName(
          stack,
          `Log-${name}`,
          `/twinkeep/${stack.stage.name}/functions/${functionName}`,
        ),
        filterPattern: FilterPattern.stringValue('$.message', '=', message),
        metricNamespace: `Twinkeep/${stack.stage.name}`,
        metricName: name,
      });
      return {
        loss,
        name,
        says,
        metric: filter.metric({ statistic: 'Sum', period: MINUTE }),
        threshold: isOneEnough ? 0 : most,
        when: 'above',
        periods: isOneEnough ? 1 : 2,
        silence: 'good',
      };
    },
  );
}
