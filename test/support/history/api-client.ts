import { apiKey } from '../../region/support/client';
import { readState } from '../../region/support/system';
import type { Client } from './history';

/** Longer than a function ever works, so that only a lost answer ends here. */
const TIMEOUT_MS = 15_000;

/** Calls the API of the system under test, as a caller that may write. */
export function apiClient(name: string, caller = 'shop', timeoutMs = TIMEOUT_MS): Client {
  return {
    name,
    async send({ method, path, headers, body }, { region, trafficClass = 'order' }) {
      const response = await fetch(`${readState().regions[region].api}/v1/${trafficClass}${path}`, {
        method,
        headers: {
          'x-api-key': apiKey(caller),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}
