import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came over the wire. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Signature {
  readonly accessKeyId: string;
  /** `<date>/<region>/<service>/aws4_request`. */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const FORM = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

export function signatureOf({ headers }: Received): Signature | undefined {
  const [, accessKeyId = '', scope = '', names = '', signature = ''] = FORM.exec(headers.authorization ?? '') ?? [];
  return signature === '' ? undefined : { accessKeyId, scope, signedHeaders: names.split(';'), signature };
}

/** The signature that this request should bear, computed as AWS describes version 4 for services other than S3. */
export function expectedSignature(request: Received, { scope, signedHeaders }: Signature, secret: string): string {
  const canonical = [
    request.method,
    canonicalPath(request.url),
    canonicalQuery(request.url),
    ...signedHeaders.map((name) => `${name}:${String(request.headers[name]).trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, toSign).toString('hex');
}

/** What was sent is encoded already, and is encoded once more. */
function canonicalPath(url: string): string {
  const [path = ''] = url.split('?');
  return path.split('/').map(encode).join('/');
}

function canonicalQuery(url: string): string {
  const parameters = [...new URLSearchParams(url.split('?')[1] ?? '')];
  const encoded = parameters.map(([name, value]) => [encode(name), encode(value)] as const);
  return encoded
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
