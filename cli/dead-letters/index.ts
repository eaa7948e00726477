/** Messages that could not be processed: how many there are, what they are, and the way back. */
export { type DeadLetter, DeadLetterQueue, type RedriveReport } from './dead-letter-queue';
export { openQueue, queueNames } from './open';
