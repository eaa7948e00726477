import { unescape as percentDecoded } from 'node:querystring';
import type { HttpAnswer, HttpEvent, Query } from './event';

/** What we read of the event of a load balancer, whose target group has multi-value headers on. */
export interface LoadBalancerEvent {
  readonly requestContext: { readonly elb: object };
  readonly httpMethod: string;
  /** As it was sent: percent-encoding is kept. */
  readonly path: string;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  /** Names and values as they were sent, too, where API Gateway decodes them. */
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>;
  /** Empty where the request has none. In base64 unless its type is one that the load balancer knows to be text. */
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Headers must be lists here, because they are in the event. */
export interface LoadBalancerAnswer {
  readonly statusCode: number;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

type Handler<Event, Invocation> = (event: Event, invocation?: Invocation) => Promise<HttpAnswer>;

/** Serves both entries: what comes by a load balancer is turned into what API Gateway sends, and its answer back. */
export function servingBoth<Event extends HttpEvent, Invocation>(handle: Handler<Event | HttpEvent, Invocation>) {
  return (event: Event | LoadBalancerEvent, invocation?: Invocation): Promise<HttpAnswer | LoadBalancerAnswer> =>
    isOfLoadBalancer(event)
      ? handle(httpEventOf(event), invocation).then(loadBalancerAnswer)
      : handle(event, invocation);
}

function isOfLoadBalancer(event: HttpEvent | LoadBalancerEvent): event is LoadBalancerEvent {
  return (event as Partial<LoadBalancerEvent>).requestContext?.elb !== undefined;
}

/** Nothing but what a request consists of: whoever sends one must not reach fields that functions tell each other by. */
function httpEventOf(event: LoadBalancerEvent): HttpEvent {
  const { httpMethod, path, multiValueHeaders = {}, multiValueQueryStringParameters = {}, body } = event;
  // Where a header stands twice, API Gateway's event has the last one.
  const headers = Object.entries(multiValueHeaders).map(([name, values]) => [name, values.at(-1)] as const);
  return {
    httpMethod,
    path,
    headers: Object.fromEntries(headers),
    multiValueQueryStringParameters: decoded(multiValueQueryStringParameters),
    body: body === '' ? null : body,
    isBase64Encoded: event.isBase64Encoded,
  };
}

/** Names that are different as they were sent may be the same one. */
function decoded(sent: Readonly<Record<string, readonly string[]>>): Query {
  const query: Record<string, readonly string[] | undefined> = Object.create(null);
  for (const [rawName, rawValues] of Object.entries(sent)) {
    const name = decodedText(rawName);
    query[name] = [...(query[name] ?? []), ...rawValues.map(decodedText)];
  }
  return query;
}

function decodedText(text: string): string {
  return percentDecoded(text.replaceAll('+', ' '));
}

function loadBalancerAnswer({ statusCode, headers, body }: HttpAnswer): LoadBalancerAnswer {
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]] as const);
  return { statusCode, multiValueHeaders: Object.fromEntries(lists), body, isBase64Encoded: false };
}
