/** Step 1 of every request: who calls, and may they; an ordered chain of guards that refuses before anything is read. */
export { hashSecret } from './api-key';
export type { Caller, CallerRegistry } from './caller-directory';
export { type Admit, createGuards, type GuardedRequest } from './guards';
