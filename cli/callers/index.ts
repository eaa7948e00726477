/** Callers as operators see them: their registry, what they did lately, and what an audit finds. */

export { type Audited, type AuditedCaller, auditCallers, type Finding, type LimitUse } from './audit';
export { type CallerSystem, openCallerSystem, type Where } from './open';
