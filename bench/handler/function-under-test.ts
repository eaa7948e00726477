import { apiEvent } from '../../local/gateway/api-event';
import { type HostedBundle as Loaded, loadBundle } from '../../local/gateway/hosted-bundle';
import { Invocation } from '../../local/gateway/invocation';
import type { HttpRequest, Job } from '../job';
import type { RequestContext, RequestPath } from '../paths/request-path';
import type { Contestant } from './rounds';

const FUNCTION = 'members-order';
const ROUTE = { prefix: '/v1/order/', resource: '/v1/order/{proxy+}' };
/** Longer than a measurement takes. */
const DEADLINE_MS = 3_600_000;

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A function of ours in this process: the bundle that is deployed, with the events that the gateway makes. */
export class FunctionUnderTest {
  readonly #bundle: Loaded;
  readonly #context = new Invocation(FUNCTION, '', '', performance.now() + DEADLINE_MS, () => undefined);

  constructor({ system }: Job) {
    const hosted = system.functions.find(({ name }) => name === FUNCTION);
    if (hosted === undefined) throw new Error(`the measured system has no ${FUNCTION}`);
    this.#bundle = loadBundle(hosted);
  }

  async answer(request: HttpRequest): Promise<Answer> {
    return (await this.#bundle.handler(eventOf(request), this.#context)) as Answer;
  }

  contestant(path: RequestPath, context: RequestContext, beforeRound: () => Promise<void>): Contestant {
    const requestOf = path.request(context);
    const handler = this.#bundle.handler;
    const invocation = this.#context;
    const events = path.repeats ? context.members.map((_, index) => eventOf(requestOf(index))) : undefined;
    return {
      beforeRound,
      // A Lambda gets its event made: what can be made ahead costs the handler nothing.
      operation:
        events === undefined
          ? async (index) => handler(eventOf(requestOf(index)), invocation)
          : async (index) => handler(events[index % events.length], invocation),
      check: (outcome) => isExpected(outcome as Answer, path),
    };
  }

  async close(): Promise<void> {
    await this.#bundle.close?.();
  }
}

function eventOf({ method, path, headers, body }: HttpRequest) {
  const rawHeaders = Object.entries(headers).flat();
  const bytes = body === undefined ? undefined : Buffer.from(body);
  return apiEvent({ method, url: path, rawHeaders, sourceIp: '127.0.0.1', body: bytes }, ROUTE, Date.now());
}

function isExpected({ statusCode, headers }: Answer, { expectedStatus, expectedSource }: RequestPath): boolean {
  return statusCode === expectedStatus && (headers.Source ?? '').startsWith(expectedSource ?? '');
}
