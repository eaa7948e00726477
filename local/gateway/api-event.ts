import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { parse } from 'node:querystring';

/** The event of a REST API's proxy integration (payload version 1.0). */
export interface ApiEvent {
  readonly resource: string;
  /** As it was sent: percent-encoding is kept. */
  readonly path: string;
  readonly httpMethod: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters: Readonly<Record<string, string>> | null;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>> | null;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly stageVariables: null;
  readonly requestContext: {
    readonly requestId: string;
    readonly requestTimeEpoch: number;
    readonly httpMethod: string;
    readonly path: string;
    readonly resourcePath: string;
    readonly stage: string;
    readonly identity: { readonly sourceIp: string };
  };
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}

/** The parts of an HTTP request that an event is made of. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  readonly body: Buffer | undefined;
}

/** Where the gateway found the function: `prefix` is what stands before `{proxy+}`. */
export interface EventRoute {
  readonly prefix: string;
  readonly resource: string;
}

/** Of the API, and of everything here. */
export const STAGE = 'local';

/** Sets a key that callers choose: `__proto__` must become a key like any other. */
function put<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

function readHeaders(raw: readonly string[]) {
  const headers: Record<string, string> = {};
  const multiValueHeaders: Record<string, string[]> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = raw[index + 1] as string;
    if (Object.hasOwn(headers, name)) multiValueHeaders[name]?.push(value);
    else put(multiValueHeaders, name, [value]);
    put(headers, name, value);
  }
  return { headers, multiValueHeaders };
}

function readQuery(query: string) {
  const one: Record<string, string> = {};
  const many: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(parse(query, '&', '=', { maxKeys: 0 }))) {
    const values = Array.isArray(value) ? value : [value ?? ''];
    put(many, name, values);
    put(one, name, values.at(-1) ?? '');
  }
  return { one, many };
}

/** Bytes that are no UTF-8 travel as base64, so that the function sees what was sent and not replacements. */
function readBody(body: Buffer | undefined): Pick<ApiEvent, 'body' | 'isBase64Encoded'> {
  if (body === undefined || body.length === 0) return { body: null, isBase64Encoded: false };
  return isUtf8(body)
    ? { body: body.toString('utf8'), isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
}

/** @param nowMs the time of the request, since 1970 */
export function apiEvent(request: RawRequest, route: EventRoute, nowMs: number): ApiEvent {
  const { method, url } = request;
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const { headers, multiValueHeaders } = readHeaders(request.rawHeaders);
  const query = mark === -1 || mark === url.length - 1 ? undefined : readQuery(url.slice(mark + 1));
  const { body, isBase64Encoded } = readBody(request.body);
  return {
    resource: route.resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders,
    queryStringParameters: query === undefined ? null : query.one,
    multiValueQueryStringParameters: query === undefined ? null : query.many,
    pathParameters: path.length > route.prefix.length ? { proxy: path.slice(route.prefix.length) } : null,
    stageVariables: null,
    requestContext: {
      requestId: randomUUID(),
      requestTimeEpoch: nowMs,
      httpMethod: method,
      path,
      resourcePath: route.resource,
      stage: STAGE,
      identity: { sourceIp: request.sourceIp },
    },
    body,
    isBase64Encoded,
  };
}
