import { Logger } from '@aws-lambda-powertools/logger';

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
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    error: (message, fields = {}) => logger.error(message, { ...fields }),
  };
}
