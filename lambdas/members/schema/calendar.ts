/** Dates that the calendar has: `2025-02-30` is none, although `Date` would take it for the 2nd of March. */
export function isCalendarDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;

/** Whether a text is `YYYY-MM-DD` and a day of the calendar, from 1900 on. */
export function isDay(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return year >= 1900 && isCalendarDate(year, month, day);
}

const FURTHEST_ZONE_MS = 14 * 3_600_000;

/** The day that it is where the day begins first, as `YYYY-MM-DD`: a birth anywhere on Earth is not after it. */
export function latestDay(nowMs: number): string {
  return new Date(nowMs + FURTHEST_ZONE_MS).toISOString().slice(0, 10);
}

/** Beyond it years have more digits, and times no longer sort as text. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(:([0-9]{2})(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/** Reads an ISO 8601 time with its zone, or a day (which begins in UTC), as ISO 8601 in UTC with milliseconds. */
export function canonicalTime(text: string): string | undefined {
  if (isDay(text)) return `${text}T00:00:00.000Z`;
  const match = TIME.exec(text);
  if (match === null || !isDay(text.slice(0, 10))) return undefined;
  const ms = Date.parse(text);
  return ms <= LAST_MS ? new Date(ms).toISOString() : undefined;
}
