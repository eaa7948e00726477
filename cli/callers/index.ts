/** Callers as operators see them: their registry, what they did lately, and what an audit finds. */
export { type CallerSystem, openCallerSystem, type Where } from './open';
