/** After the write: its event is published, relayed until it arrives, and applied by each target, version by version. */
export { applyByEpoch, type EpochRule, type Target } from './apply';
export { countThatFits, decodeBundle, encodeBundle, encodeEvent, illnessOf } from './bundle';
export { consume, consumeEach } from './consume';
export { type DeadLetter, DeadLetterQueue, type RedriveReport } from './dead-letter-queue';
export { DeadLetters } from './dead-letters';
export { eventOfRow, isOutdated } from './epochs';
export { EventSources, isToConsume } from './event-sources';
export { Publisher } from './publisher';
export {
  type Arrived,
  type BatchResponse,
  type EventOutcome,
  type QueueBatch,
  type QueueRecord,
  readRecords,
  sortOutcomes,
} from './records';
export { publishAnywhere, relay } from './relay';
export { WorkQueue } from './work-queue';
