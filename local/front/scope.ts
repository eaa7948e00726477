/** What a request was signed for: `Credential=<key>/<date>/<region>/<service>/aws4_request`. */
export interface SignedScope {
  readonly awsRegion: string;
  readonly service: string;
}

const CREDENTIAL = /Credential=[^/,\s]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/;
const PRESIGNED = /[?&]X-Amz-Credential=[^/&%]+(?:\/|%2F)\d{8}(?:\/|%2F)([a-z0-9-]+)(?:\/|%2F)([a-z0-9-]+)(?:\/|%2F)/;

/** Reads the signed scope of a request; undefined if it is not signed. The signature itself is not checked. */
export function signedScope(authorization: string | undefined, url: string): SignedScope | undefined {
  const match = authorization === undefined ? PRESIGNED.exec(url) : CREDENTIAL.exec(authorization);
  const [, awsRegion, service] = match ?? [];
  return awsRegion === undefined || service === undefined ? undefined : { awsRegion, service };
}
