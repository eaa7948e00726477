import { reasonAgainst } from './document';
import { exchange, type FuzzAnswer, type FuzzRequest } from './exchange';

/** Sends a request, and fails unless the document describes its answer. */
export async function conforming(request: FuzzRequest): Promise<FuzzAnswer> {
  const answer = await exchange(request);
  const reason = reasonAgainst(request.method, request.path, answer);
  if (reason !== undefined) {
    const { body, ...rest } = request;
    const sent = { ...rest, ...(body === undefined ? {} : { body: body.subarray(0, 2000).toString('base64') }) };
    throw new Error(`${reason}\nfor ${JSON.stringify(sent)}`);
  }
  return answer;
}
