import type { Answer } from './http-client';

export type Verdict =
  | { readonly kind: 'registered' }
  /** The line is at fault; sending it again changes nothing. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'again';
      readonly code: string;
      readonly message: string;
      readonly afterMs: number;
      /** Tries after which the line itself must be what is ill. */
      readonly mostTries: number;
    }
  /** Every line would be answered like this one. */
  | { readonly kind: 'refused'; readonly message: string };

/** Answers that are about the key, the address or this program, not about the line. */
const ABOUT_US = new Set([401, 403, 404, 405, 415]);
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const UNEXPECTED = 500;
const MOST_UNEXPECTED = 6;

/** What an answer to `POST /members` means for its line. */
export function judge(answer: Answer, nowMs: number): Verdict {
  if (answer.status >= 200 && answer.status < 300) return { kind: 'registered' };
  const problem = readProblem(answer);
  if (AGAIN.has(answer.status) || problem.code === 'IDEMPOTENCY_IN_PROGRESS') {
    const mostTries = answer.status === UNEXPECTED ? MOST_UNEXPECTED : Number.POSITIVE_INFINITY;
    return { kind: 'again', ...problem, afterMs: retryAfterMs(answer, nowMs), mostTries };
  }
  if (answer.status < 400 || answer.status >= 500 || ABOUT_US.has(answer.status)) {
    return { kind: 'refused', message: `it answers ${answer.status} ${problem.code}: ${problem.message}` };
  }
  return { kind: 'failed', ...problem };
}

/** `Retry-After` in seconds or as a date; 0 without one. */
export function retryAfterMs(answer: Pick<Answer, 'headers'>, nowMs: number): number {
  const header = answer.headers['retry-after'];
  if (header === undefined) return 0;
  const wantedMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(wantedMs) ? Math.max(0, wantedMs) : 0;
}

function readProblem(answer: Answer): { code: string; message: string } {
  const problem = parseObject(answer.body);
  const code = typeof problem.code === 'string' ? problem.code : `HTTP_${answer.status}`;
  const title = [problem.detail, problem.title].find((text): text is string => typeof text === 'string') ?? '';
  const faults = Array.isArray(problem.errors) ? problem.errors.map(explainFault) : [];
  return { code, message: faults.length > 0 ? faults.join('; ') : title };
}

function explainFault(fault: unknown): string {
  const { path, message } = isObject(fault) ? fault : {};
  return `${String(path ?? '?')}: ${String(message ?? '?')}`;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
