/** What of an error may stand in a log line. */
export interface ErrorReport {
  readonly name: string;
  readonly code?: string;
  /** Absent where a client library may have put values into it. */
  readonly message?: string;
  readonly frames: readonly string[];
  readonly cause?: ErrorReport;
}

/** Errors whose text repeats what was sent: statements of the database, bodies of the search domains, JSON. */
const TELLTALE_NAMES = new Set(['ResponseError', 'SyntaxError']);
const TELLTALE_FIELDS = ['sql', 'sqlMessage', 'sqlState'];

const CODE = /^[\w.-]{1,64}$/;
const MAX_FRAMES = 12;
const MAX_CAUSES = 4;

/** Describes an error without the values that it carries: drivers keep whole statements in theirs. */
export function reportOf(error: Error, depth = 0): ErrorReport {
  const { code } = error as { code?: unknown };
  const isTelltale = TELLTALE_NAMES.has(error.name) || TELLTALE_FIELDS.some((field) => field in error);
  return {
    name: error.name,
    ...(typeof code === 'string' && CODE.test(code) ? { code } : {}),
    ...(isTelltale ? {} : { message: error.message }),
    frames: framesOf(error.stack),
    ...(error.cause instanceof Error && depth < MAX_CAUSES ? { cause: reportOf(error.cause, depth + 1) } : {}),
  };
}

/** The lines that say where; those before them repeat the message. */
function framesOf(stack = ''): string[] {
  const lines = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return lines.slice(0, MAX_FRAMES).map((line) => line.trim());
}
