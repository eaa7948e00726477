/** Messages that could not be processed: how many there are, what they are, and the way back. */
export { openQueue, putInto, queueNames } from './open';
