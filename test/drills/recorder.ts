import { rangeOf } from '../../lambdas/shards';
import type { Region } from '../../topology';
import { type Client, type Exchange, outcomeOf, type Reply, type Request } from '../support/history';
import { type CallName, codeOf, isNotServed } from '../support/load';

/** One call as its caller saw it. Times are milliseconds since the drill's load began. */
export interface Sample {
  readonly call: CallName | 'close';
  readonly region: Region;
  /** Absent where the call is not about one member. */
  readonly unit?: string;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Why it was not served; absent if it was, or if it was refused for good. */
  readonly failure?: string;
  readonly isWrite: boolean;
  /** Whether it was answered with success. */
  readonly isDone: boolean;
  /** As the answer says. */
  readonly source?: string;
  readonly degraded?: string;
  readonly acknowledged?: string;
}

const READS: readonly string[] = ['get', 'batch', 'find', 'phone'];

/** Keeps what every caller saw. */
export class Recorder {
  readonly samples: Sample[] = [];
  readonly #beganMs = performance.now();

  get nowMs(): number {
    return performance.now() - this.#beganMs;
  }

  watch(client: Client): Client {
    return {
      name: client.name,
      send: async (exchange, request) => {
        const startedMs = this.nowMs;
        try {
          const reply = await client.send(exchange, request);
          this.samples.push(sampleOf(exchange, request, startedMs, this.nowMs, reply));
          return reply;
        } catch (error) {
          this.samples.push(sampleOf(exchange, request, startedMs, this.nowMs, error as Error));
          throw error;
        }
      },
    };
  }
}

function sampleOf(
  exchange: Exchange,
  request: Request,
  startedMs: number,
  endedMs: number,
  result: Reply | Error,
): Sample {
  const call = nameOf(exchange, request);
  const isWrite = !READS.includes(call);
  const member = 'member' in request.call && call !== 'phone' ? request.call.member : undefined;
  const seen = { call, region: request.region, startedMs, endedMs, isWrite };
  const unit = member === undefined ? {} : { unit: rangeOf(member).unit };
  if (result instanceof Error) {
    const failure = codeOf({ kind: 'unknown', reason: String(result) });
    return { ...seen, ...unit, failure, isDone: false };
  }
  return { ...seen, ...unit, ...answerOf(request, result) };
}

function answerOf(request: Request, reply: Reply) {
  const outcome = outcomeOf(request.call, reply);
  const header = (name: string, as: 'source' | 'degraded' | 'acknowledged') => {
    const value = reply.headers.get(name);
    return value === null ? {} : { [as]: value };
  };
  return {
    isDone: reply.status < 400,
    ...(isNotServed(outcome) ? { failure: codeOf(outcome) } : {}),
    ...header('source', 'source'),
    ...header('degraded', 'degraded'),
    ...header('acknowledged', 'acknowledged'),
  };
}

/** Look-ups by a profile key are no calls of the history: they are told apart by what is sent. */
function nameOf({ path }: Exchange, { call }: Request): Sample['call'] {
  if (path.startsWith('/members?')) return 'phone';
  if (call.kind === 'register') return call.idempotencyKey === undefined ? 'register' : 'register-keyed';
  return call.kind;
}
