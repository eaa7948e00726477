/** Every code an answer can carry, with its HTTP status. `docs/errors.md` and the OpenAPI document follow this table. */
export const ERRORS = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  UNKNOWN_CALLER: { status: 401, title: 'The API key is missing or not known' },
  CLASS_NOT_ALLOWED: { status: 403, title: 'This caller may not use this traffic class' },
  CLASS_READ_ONLY: { status: 403, title: 'This traffic class only reads' },
  DENIED: { status: 403, title: 'Calls like this are denied' },
  NO_SUCH_ROUTE: { status: 404, title: 'There is nothing at this path' },
  MEMBER_NOT_FOUND: { status: 404, title: 'No member has this id' },
  NOT_BOUND: { status: 404, title: 'No member is bound to this account' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This path does not take this method' },
  ACCOUNT_BOUND: { status: 409, title: 'The account is bound to another member' },
  KEY_TAKEN: { status: 409, title: 'Another member has this profile key' },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, title: 'An earlier request for the same thing is still under way' },
  UNDECIDED: { status: 409, title: 'This member refuses writes until an outcome is known' },
  MEMBER_CLOSED: { status: 410, title: 'The member is closed' },
  VERSION_MISMATCH: { status: 412, title: 'The member has another version' },
  TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be JSON' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The idempotency key was used with another request' },
  QUARANTINED: { status: 423, title: 'The member is quarantined' },
  LIMITED: { status: 429, title: 'Too many calls' },
  INTERNAL: { status: 500, title: 'The request failed in a way we did not expect' },
  SHED: { status: 503, title: 'Shed so that other requests are answered' },
  STOPPED: { status: 503, title: 'This region is stopped' },
  UNAVAILABLE: { status: 503, title: 'What this request needs cannot be reached' },
  NOT_ACKNOWLEDGED: { status: 503, title: 'Committed at home, but not accepted by the other region' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One thing that is wrong with a request, by its path in the request (`profile.phone`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ProblemDetails {
  readonly cause?: unknown;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterMs?: number;
  readonly rule?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An outcome that is not a success, thrown across rooms and turned into `application/problem+json` at the edge. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly details: ProblemDetails;

  constructor(code: ErrorCode, details: ProblemDetails = {}) {
    super(details.detail ?? ERRORS[code].title, { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

const DEFAULT_RETRY_MS = 1000;

/** What a request needs cannot be reached; the caller may try again after `retryAfterMs`. */
export function unavailable(detail: string, cause?: unknown, retryAfterMs = DEFAULT_RETRY_MS): Problem {
  return new Problem('UNAVAILABLE', { detail, cause, retryAfterMs });
}

export function isProblem(error: unknown, code?: ErrorCode): error is Problem {
  return error instanceof Problem && (code === undefined || error.code === code);
}
