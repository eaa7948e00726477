/** What we read of the event of a REST API's proxy integration (payload version 1.0). */
export interface HttpEvent {
  readonly httpMethod: string;
  /** As it was sent: percent-encoding is kept. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}

/** What a proxy integration answers. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Headers = Readonly<Record<string, string | undefined>>;
export type Query = Readonly<Record<string, readonly string[] | undefined>>;

const UPPER_CASE = /[A-Z]/;

/** The headers by their names in lower case, whatever case the gateway kept. */
export function headersOf(event: Pick<HttpEvent, 'headers'>): Headers {
  // Without a prototype no name that a caller chooses is one that we have.
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const name in event.headers) {
    headers[UPPER_CASE.test(name) ? name.toLowerCase() : name] = event.headers[name];
  }
  return headers;
}

const NO_QUERY: Query = Object.freeze(Object.create(null));

/** Decoded query parameters, every value of each name. */
export function queryOf(event: Pick<HttpEvent, 'multiValueQueryStringParameters'>): Query {
  return event.multiValueQueryStringParameters ?? NO_QUERY;
}
