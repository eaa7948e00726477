import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { QUEUES, TOPIC, undeliveredQueue } from '../../topology';
import type { RegionStack } from '../constructs/region-stack';
import { SWITCH_RULE } from '../switches-stack';
import type { AlarmDefinition } from './definition';

const MINUTE = Duration.minutes(1);
/** What a target may be behind before somebody looks. */
const LATE_S = 300;
const STUCK_MINUTES = 5;

function ofQueue(queueName: string, metricName: string, statistic = 'Maximum'): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: queueName },
    statistic,
    period: MINUTE,
  });
}

/**
 * 1 in a minute in which a queue had messages and none of them was done. SQS leaves out of a queue's age what was received three
 * times: where a target is down, and little comes, no message ever looks old.
 */
function isStuck(queueName: string, of: string): MathExpression {
  // Ids are shared by all graphs of a widget.
  const id = of.replaceAll('-', '_');
  return new MathExpression({
    expression: `IF((FILL(done_${id}, 0) == 0) AND ((FILL(waiting_${id}, 0) + FILL(taken_${id}, 0)) > 0), 1, 0)`,
    usingMetrics: {
      [`waiting_${id}`]: ofQueue(queueName, 'ApproximateNumberOfMessagesVisible'),
      [`taken_${id}`]: ofQueue(queueName, 'ApproximateNumberOfMessagesNotVisible'),
      [`done_${id}`]: ofQueue(queueName, 'NumberOfMessagesDeleted', 'Sum'),
    },
    period: MINUTE,
    label: 'minutes in which nothing was processed',
  });
}

export function eventAlarms({ home, names }: RegionStack): AlarmDefinition[] {
  const loss = 'events';
  const queues = QUEUES.filter(({ region }) => region === home);
  const dead = [...queues.map(({ deadLetters }) => deadLetters), undeliveredQueue(home)];
  return [
    ...queues.map(
      ({ name: of }): AlarmDefinition => ({
        loss,
        name: 'queue-late',
        of,
        says: `Queue ${of} holds a message that has waited for more than ${LATE_S / 60} minutes.`,
        metric: ofQueue(names.of(of), 'ApproximateAgeOfOldestMessage'),
        threshold: LATE_S,
        when: 'above',
        periods: 2,
        silence: 'good',
      }),
    ),
    ...queues
      .filter(({ kind }) => kind === 'events')
      .map(
        ({ name: of }): AlarmDefinition => ({
          loss,
          name: 'queue-stuck',
          of,
          says: `Queue ${of} has had messages for ${STUCK_MINUTES} minutes, and none was processed.`,
          metric: isStuck(names.of(of), of),
          threshold: 0,
          when: 'above',
          periods: STUCK_MINUTES,
          silence: 'good',
        }),
      ),
    ...dead.flatMap((of): AlarmDefinition[] => [
      {
        loss,
        name: 'dead-letters',
        of,
        says: `Queue ${of} holds a message that could not be processed, or not be delivered.`,
        metric: ofQueue(names.of(of), 'ApproximateNumberOfMessagesVisible'),
        threshold: 0,
        when: 'above',
        periods: 1,
        silence: 'good',
      },
      {
        loss,
        name: 'dead-letters-old',
        of,
        says: `A message of queue ${of} has lain there for ten days; SQS drops it after fourteen.`,
        metric: ofQueue(names.of(of), 'ApproximateAgeOfOldestMessage'),
        threshold: Duration.days(10).toSeconds(),
        when: 'above',
        periods: 1,
        silence: 'good',
      },
    ]),
    {
      loss,
      name: 'topic-failing',
      says: 'The topic of this region could not deliver messages to a queue.',
      metric: new Metric({
        namespace: 'AWS/SNS',
        metricName: 'NumberOfNotificationsFailed',
        dimensionsMap: { TopicName: names.of(TOPIC) },
        statistic: 'Sum',
        period: MINUTE,
      }),
      threshold: 0,
      when: 'above',
      periods: 3,
      silence: 'good',
    },
  ];
}

export function switchAlarms({ names }: RegionStack): AlarmDefinition[] {
  return [
    {
      loss: 'switches',
      name: 'switch-untold',
      says: 'A switch was turned, and the queue of the controller could not be told.',
      metric: new Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap: { RuleName: names.of(SWITCH_RULE) },
        statistic: 'Sum',
        period: MINUTE,
      }),
      threshold: 0,
      when: 'above',
      periods: 1,
      silence: 'good',
    },
  ];
}
