/** Members while no database of their unit is to be had: commands in the journal, copies in the search domains. */
export { type FallbackDomains, readerOf, readsJournal } from './copies';
export type { RefusedCommand } from './fold';
export { type ReplayCommandsParts, type ReplayedCommands, replayCommands } from './replay';
export { FallbackWriter } from './writer';
