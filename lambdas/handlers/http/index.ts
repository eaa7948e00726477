/** Step 0 and last step of every API request: the event becomes a call of ours, the outcome becomes an answer. */
export { type AnswerHeaders, json, noContent, notModified } from './answers';
export { MAX_BODY_BYTES, readBody } from './body';
export { type Headers, type HttpAnswer, type HttpEvent, headersOf, type Query, queryOf } from './event';
export { servingBoth } from './load-balancer';
export { openapiText } from './openapi-text';
export { answerToError, problemAnswer } from './problem-answer';
export { createRouter, type MatchRoute, type PathParameters, type RouteMatch } from './router';
export { readTrace, type Trace } from './trace';
