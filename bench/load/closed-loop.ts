import autocannon from 'autocannon';
import type { HttpRequest } from '../job';
import type { RequestSource } from './requests';

export interface ClosedLoopFigures {
  readonly requests: number;
  readonly perS: number;
  /** Requests that were not answered, or not as they should be. */
  readonly failures: number;
  /** Of one core, that making the load took: near 1 it was the load that was slow. */
  readonly generatorShare: number;
}

/** As much as a service answers to a fixed number of clients, each of which sends again as soon as it was answered. */
export async function closedLoop(
  source: RequestSource,
  target: { readonly url: string; readonly seconds: number; readonly connections: number },
): Promise<ClosedLoopFigures> {
  const { url, seconds, connections } = target;
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  let connection = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(source.path.repeats
      ? {
          requests: [...source.rotated(0, 1)],
          setupClient: (client) => client.setRequests([...source.rotated(connection++, connections)]),
        }
      : { requests: [{ setupRequest: (request) => ({ ...request, ...ownHeaders(source.next()) }) }] }),
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  const elapsedMs = performance.now() - startMs;
  return {
    requests: result.requests.total,
    perS: result.requests.total / result.duration,
    failures: result.non2xx + result.errors,
    generatorShare: (user + system) / 1000 / elapsedMs,
  };
}

/** The generator writes each request's length into its headers, which other requests share. */
function ownHeaders(request: HttpRequest): HttpRequest {
  return { ...request, headers: { ...request.headers } };
}
