import { ERRORS, type ErrorCode } from '../../lambdas/core';
import { version } from '../../package.json';
import { type HttpMethod, ROUTES, type Route, TRAFFIC_CLASSES } from '../../topology';
import { problemExample } from './examples';
import {
  EVERYWHERE,
  GUARDED,
  NOT_IN_EACH_CLASS,
  OPERATIONS,
  type OperationDescription,
  WITH_BODY,
  WITHOUT_CALL,
  WRITING,
} from './operations';
import { HEADERS, type HeaderName, PARAMETERS, SERVERS } from './parameters';
import { componentSchemas, reference } from './schemas';

const MEDIA_TYPES = { json: ['application/json'], 'merge-patch': ['application/merge-patch+json', 'application/json'] };

/** The OpenAPI document of the API: its calls from the list of routes, its schemas from those that read requests. */
export function openapiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Twinkeep',
      version,
      summary: 'One member behind many accounts, answered in two regions.',
      description: description(),
    },
    servers: SERVERS,
    security: [{ apiKey: [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: '`<caller>.<secret>`' },
      },
      schemas: componentSchemas(),
      parameters: PARAMETERS,
      headers: HEADERS,
      examples: Object.fromEntries(
        (Object.keys(ERRORS) as ErrorCode[]).map((code) => [
          code,
          { summary: ERRORS[code].title, value: problemExample(code) },
        ]),
      ),
    },
  };
}

function description(): string {
  const [unknownPath, wrongMethod] = WITHOUT_CALL.map((code) => `${ERRORS[code].status} \`${code}\``);
  return [
    'Every error is `application/problem+json` with a `code`; programs decide by the code, people read the rest.',
    `A path that is not listed here is answered ${unknownPath}, a method that a path does not take ${wrongMethod} with \`Allow\`.`,
    'Class `marketing` only reads, and sees contact data masked. A body that a call does not take is ignored.',
  ].join('\n\n');
}

function paths() {
  const found: Record<string, Partial<Record<Lowercase<HttpMethod>, object>>> = {};
  for (const route of ROUTES) {
    const path = found[route.path] ?? {};
    path[route.method.toLowerCase() as Lowercase<HttpMethod>] = operationObject(route);
    found[route.path] = path;
  }
  return found;
}

function operationObject(route: Route) {
  const { summary, description: text, parameters = [], body, successes } = OPERATIONS[route.operation];
  const traced = [...parameters, ...(route.open ? [] : (['traceparent'] as const))];
  return {
    operationId: route.operation,
    summary,
    ...(text === undefined ? {} : { description: text }),
    ...(route.open ? { security: route.operation === 'health' ? [{}, { apiKey: [] }] : [{}] } : {}),
    ...(traced.length === 0 ? {} : { parameters: traced.map((name) => ({ $ref: `#/components/parameters/${name}` })) }),
    ...(body === undefined ? {} : { requestBody: requestBody(body, route) }),
    responses: { ...successResponses(successes, route), ...errorResponses(errorsOf(route)) },
  };
}

function requestBody({ schema, example }: NonNullable<OperationDescription['body']>, { body }: Route) {
  const content = MEDIA_TYPES[body ?? 'json'].map((type) => [type, { schema: reference(schema), example }]);
  return { required: true, content: Object.fromEntries(content) };
}

function successResponses(successes: OperationDescription['successes'], { open }: Route) {
  const responses = Object.entries(successes).map(([status, success]) => {
    const schema = success.schema === undefined ? { type: 'object' } : reference(success.schema);
    const example = success.example === undefined ? {} : { example: success.example };
    const hasBody = status !== '204' && status !== '304';
    return [
      status,
      {
        description: success.description,
        ...headersObject([...(success.headers ?? []), ...(open ? [] : (['traceparent'] as const))]),
        ...(hasBody ? { content: { 'application/json': { schema, ...example } } } : {}),
      },
    ];
  });
  return Object.fromEntries(responses);
}

/** Every code that a call can end in. */
export function errorsOf(route: Route): readonly ErrorCode[] {
  return [
    ...OPERATIONS[route.operation].errors,
    ...(route.open ? [] : GUARDED),
    ...(route.classes.length === TRAFFIC_CLASSES.length ? [] : NOT_IN_EACH_CLASS),
    ...(route.body === undefined ? [] : WITH_BODY),
    ...(route.writes ? WRITING : []),
    ...EVERYWHERE,
  ];
}

function errorResponses(codes: readonly ErrorCode[]) {
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = codes.filter((code) => ERRORS[code].status === status);
      const examples = ofStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
      const content = { schema: reference('Problem'), examples: Object.fromEntries(examples) };
      return [
        status,
        {
          description: ofStatus.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
          ...headersObject(headersOfStatus(status)),
          content: { 'application/problem+json': content },
        },
      ];
    }),
  );
}

const COMING_AGAIN_HELPS: readonly number[] = [403, 409, 429, 503];

function headersOfStatus(status: number): readonly HeaderName[] {
  if (status === 401) return ['Retry-After', 'WWW-Authenticate', 'traceparent'];
  return COMING_AGAIN_HELPS.includes(status) ? ['Retry-After', 'traceparent'] : ['traceparent'];
}

function headersObject(names: readonly HeaderName[]) {
  if (names.length === 0) return {};
  return { headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])) };
}
