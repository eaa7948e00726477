import type { HttpAnswer } from './event';

/** Headers of an answer; those without a value are left out. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

/** @param text the JSON, as it is sent */
export function json(statusCode: number, text: string, headers: AnswerHeaders = {}): HttpAnswer {
  return typed(statusCode, 'application/json', text, headers);
}

export function noContent(headers: AnswerHeaders = {}): HttpAnswer {
  return { statusCode: 204, headers: withValues(baseHeaders(), headers), body: '' };
}

/** @param headers must hold the `ETag` that matched */
export function notModified(headers: AnswerHeaders): HttpAnswer {
  return { statusCode: 304, headers: withValues(baseHeaders(), headers), body: '' };
}

export function typed(statusCode: number, type: string, body: string, headers: AnswerHeaders): HttpAnswer {
  const always = {
    'Cache-Control': CACHE_CONTROL,
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': type,
  };
  return { statusCode, headers: withValues(always, headers), body };
}

/** Members are nobody else's: no shared cache keeps an answer, and its owner asks whether it still holds. */
const CACHE_CONTROL = 'private, no-cache';

function baseHeaders(): Record<string, string> {
  return { 'Cache-Control': CACHE_CONTROL, 'X-Content-Type-Options': 'nosniff' };
}

/** Literals that are filled cost a tenth of spreading one object into another; every answer comes through here. */
function withValues(headers: Record<string, string>, given: AnswerHeaders): Record<string, string> {
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
