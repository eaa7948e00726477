import { Logger } from '@aws-lambda-powertools/logger';
import { type ErrorReport, reportOf } from './error-report';

/**
 * What may stand in a log line. Keys, phones, e-mails and other personal data never do: log ids, codes and counts.
 */
export interface LogFields {
  readonly [name: string]: string | number | boolean | undefined | Error;
}

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** JSON lines with function and region; callers add `traceId`. */
export function createLog(function_: { functionName: string; region: string }): Log {
  const logger = new Logger({
    serviceName: function_.functionName,
    persistentKeys: { region: function_.region, function: function_.functionName },
  });
  return {
    info: (message, fields = {}) => logger.info(message, withReports(fields)),
    warn: (message, fields = {}) => logger.warn(message, withReports(fields)),
    error: (message, fields = {}) => logger.error(message, withReports(fields)),
  };
}

function withReports(fields: LogFields): Record<string, string | number | boolean | undefined | ErrorReport> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    value instanceof Error ? reportOf(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, string | number | boolean | undefined | ErrorReport>;
}
