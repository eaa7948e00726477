import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An error as an AWS service would give it: `code` is what SDKs show as the error's name. */
export class AwsFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AwsFailure';
  }
}

/** What this request needs is down; AWS clients try again by themselves. */
export function serviceUnavailable(what: string, cause?: unknown): AwsFailure {
  return new AwsFailure(503, 'ServiceUnavailable', `${what} cannot be reached`, { cause });
}

export function asAwsFailure(error: unknown): AwsFailure {
  if (error instanceof AwsFailure) return error;
  return new AwsFailure(500, 'InternalFailure', 'The front failed in a way that was not expected', { cause: error });
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Answers with an error in the protocol that the request speaks: JSON with a target, REST, or query with XML. */
export function writeAwsFailure(request: IncomingMessage, response: ServerResponse, failure: AwsFailure): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const requestId = randomUUID();
  const isQuery = request.headers['x-amz-target'] === undefined && !(request.url ?? '').startsWith('/2015-03-31/');
  const body = isQuery ? xmlBody(failure, requestId) : jsonBody(failure);
  response.writeHead(failure.status, {
    'content-type': isQuery ? 'text/xml' : 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-errortype': failure.code,
    'x-amzn-requestid': requestId,
  });
  response.end(body);
}

function jsonBody({ code, message }: AwsFailure): string {
  return JSON.stringify({ __type: code, message, Message: message });
}

function xmlBody({ status, code, message }: AwsFailure, requestId: string): string {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const error = `<Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  return `<ErrorResponse><Error>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}
