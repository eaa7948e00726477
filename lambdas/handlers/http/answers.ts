import type { HttpAnswer } from './event';

/** Headers of an answer; those without a value are left out. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

/** Members are nobody else's: no shared cache keeps an answer, and its owner asks whether it still holds. */
const COMMON = { 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' } as const;

/** @param text the JSON, as it is sent */
export function json(statusCode: number, text: string, headers: AnswerHeaders = {}): HttpAnswer {
  return answer(statusCode, text, { 'Content-Type': 'application/json' }, headers);
}

export function noContent(headers: AnswerHeaders = {}): HttpAnswer {
  return answer(204, '', {}, headers);
}

/** @param headers must hold the `ETag` that matched */
export function notModified(headers: AnswerHeaders): HttpAnswer {
  return answer(304, '', {}, headers);
}

export function answer(
  statusCode: number,
  body: string,
  type: { readonly 'Content-Type'?: string },
  given: AnswerHeaders,
): HttpAnswer {
  const headers: Record<string, string> = { ...COMMON, ...type };
  for (const name in given) {
    const value = given[name];
    if (value !== undefined) headers[name] = value;
  }
  return { statusCode, headers, body };
}
