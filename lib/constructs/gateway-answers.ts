import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ERRORS, type ErrorCode } from '../../lambdas/core';

interface GatewayAnswer {
  readonly type: ResponseType;
  readonly code: ErrorCode;
  readonly retryAfterS?: number;
}

/** What the gateway answers by itself, as the functions would say it. */
const ANSWERS: Readonly<Record<string, GatewayAnswer>> = {
  // So the gateway calls a path that it does not have.
  NoRoute: { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, code: 'NO_SUCH_ROUTE' },
  NoResource: { type: ResponseType.RESOURCE_NOT_FOUND, code: 'NO_SUCH_ROUTE' },
  WrongBody: { type: ResponseType.BAD_REQUEST_BODY, code: 'INVALID_REQUEST' },
  WrongParameters: { type: ResponseType.BAD_REQUEST_PARAMETERS, code: 'INVALID_REQUEST' },
  TooLarge: { type: ResponseType.REQUEST_TOO_LARGE, code: 'TOO_LARGE' },
  Throttled: { type: ResponseType.THROTTLED, code: 'SHED', retryAfterS: 1 },
  Filtered: { type: ResponseType.WAF_FILTERED, code: 'SHED', retryAfterS: 60 },
  Timeout: { type: ResponseType.INTEGRATION_TIMEOUT, code: 'UNAVAILABLE', retryAfterS: 1 },
  Failure: { type: ResponseType.INTEGRATION_FAILURE, code: 'UNAVAILABLE', retryAfterS: 1 },
  Otherwise: { type: ResponseType.DEFAULT_5XX, code: 'UNAVAILABLE', retryAfterS: 1 },
};

/** Headers are literals in quotes of their own. */
const PROBLEM = "'application/problem+json'";

function problem(code: ErrorCode): string {
  const { status, title } = ERRORS[code];
  return JSON.stringify({ type: `urn:twinkeep:error:${code}`, title, status, code, traceId: '$context.requestId' });
}

export function answerAsProblems(api: RestApi): void {
  for (const [id, { type, code, retryAfterS }] of Object.entries(ANSWERS)) {
    api.addGatewayResponse(id, {
      type,
      statusCode: String(ERRORS[code].status),
      responseHeaders: {
        'Content-Type': PROBLEM,
        ...(retryAfterS === undefined ? {} : { 'Retry-After': `'${retryAfterS}'` }),
      },
      templates: { 'application/json': problem(code) },
    });
  }
}
