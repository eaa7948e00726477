import { Ajv2020 } from 'ajv/dist/2020';
import { ERRORS, type ErrorCode } from '../../../../lambdas/core';
import { openapiText } from '../../../../lambdas/handlers/http';
import { ROUTES, type Route } from '../../../../topology';
import type { FuzzAnswer } from './exchange';

interface Content {
  readonly schema: { readonly $ref?: string };
  readonly examples?: Readonly<Record<string, unknown>>;
}
interface Response {
  readonly headers?: Readonly<Record<string, { $ref: string }>>;
  readonly content?: Readonly<Record<string, Content>>;
}
interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
  readonly components: { schemas: object; headers: Record<string, { required?: boolean; schema: object }> };
}

const document = JSON.parse(openapiText()) as Document;
const ajv = new Ajv2020({ strict: false, validateFormats: false, coerceTypes: true });
ajv.addSchema({ $id: 'openapi', components: document.components });

/** A path of the sources, a frame of a stack, or the words of a driver. */
const INTERNALS = /node_modules|\.ts:\d+|\.c?js:\d+|\n\s+at |\bECONN|SELECT |\bER_[A-Z]|lambdas\//;
const TRACE_ID = /^[0-9a-f]{32}$/;
/** What the gateway may answer before a call is known, and what means no call. */
const OF_ANY_REQUEST: readonly string[] = [
  'NO_SUCH_ROUTE',
  'METHOD_NOT_ALLOWED',
  'INVALID_REQUEST',
  'SHED',
  'TOO_LARGE',
];

/** The call that a method and a path below the class may mean. */
function routeOf(method: string, path: string): Route | undefined {
  const segments = path.replace(/\?.*$/s, '').split('/');
  return ROUTES.filter((route) => route.method === method)
    .filter(({ path: pattern }) => {
      const parts = pattern.split('/');
      return (
        parts.length === segments.length && parts.every((part, at) => part.startsWith('{') || part === segments[at])
      );
    })
    .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))[0];
}

/**
 * Why an answer is none that the document describes; undefined if it is one.
 *
 * @param path below the class
 */
export function reasonAgainst(method: string, path: string, answer: FuzzAnswer): string | undefined {
  const { status, text } = answer;
  if (status === 500 || status === 0) return `it was answered ${status}: ${text}`;
  if (status >= 400 && INTERNALS.test(text)) return `it shows internals: ${text}`;
  const route = routeOf(method, path);
  const responses = route && document.paths[route.path]?.[route.method.toLowerCase()]?.responses;
  const response = responses?.[status];
  if (status >= 400) return method === 'HEAD' ? undefined : reasonAgainstProblem(answer, response);
  if (response === undefined) return `${status} is not documented`;
  return reasonAgainstHeaders(answer, response) ?? reasonAgainstBody(answer, response);
}

function reasonAgainstProblem(
  { status, headers, text }: FuzzAnswer,
  response: Response | undefined,
): string | undefined {
  if (headers['content-type'] !== 'application/problem+json') return `${status} is no problem+json: ${text}`;
  const problem = JSON.parse(text) as { code: ErrorCode; status: number; traceId: string; type: string };
  if (ajv.validate('openapi#/components/schemas/Problem', problem) !== true) return `${text}: ${ajv.errorsText()}`;
  if (ERRORS[problem.code].status !== status || problem.status !== status) return `${status} says ${text}`;
  if (problem.type !== `urn:twinkeep:error:${problem.code}` || !TRACE_ID.test(problem.traceId)) return text;
  const documented = response?.content?.['application/problem+json']?.examples ?? {};
  if (!OF_ANY_REQUEST.includes(problem.code) && !Object.hasOwn(documented, problem.code)) {
    return `${problem.code} is not documented`;
  }
  if (status === 405 && headers.allow === undefined) return '405 without Allow';
  if (status === 503 && problem.code !== 'NOT_ACKNOWLEDGED' && !(Number(headers['retry-after']) > 0)) {
    return '503 without Retry-After';
  }
  return undefined;
}

function reasonAgainstHeaders({ headers }: FuzzAnswer, response: Response): string | undefined {
  for (const [name, { $ref }] of Object.entries(response.headers ?? {})) {
    const described = document.components.headers[$ref.split('/').at(-1) ?? ''];
    const value = headers[name.toLowerCase()];
    if (value === undefined && described?.required) return `${name} is missing`;
    if (value !== undefined && described !== undefined && !ajv.validate(described.schema, value)) {
      return `${name} is ${String(value)}: ${ajv.errorsText()}`;
    }
  }
  return undefined;
}

function reasonAgainstBody({ headers, text }: FuzzAnswer, response: Response): string | undefined {
  const content = response.content?.['application/json'];
  if (content === undefined) return text === '' ? undefined : `a body where there is none: ${text}`;
  if (headers['content-type'] !== 'application/json') return `it is ${headers['content-type']}`;
  const { $ref } = content.schema;
  const body: unknown = JSON.parse(text);
  if ($ref === undefined || ajv.validate(`openapi${$ref}`, body)) return undefined;
  return `${text.slice(0, 500)}: ${ajv.errorsText()}`;
}
