/** What a local system does, and how it stands, from the logs of its functions, the arbiter and the queues. */
export { type PageOptions, page, type Snapshot } from './page';
export { plainScreen, type Screen, terminalScreen } from './screen';
export { TopLook } from './top-look';
