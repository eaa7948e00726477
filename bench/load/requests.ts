import type { HttpRequest, Job } from '../job';
import { requestPath } from '../paths/catalogue';
import type { RequestContext, RequestPath } from '../paths/request-path';

/** The requests of one path, each of its own where the path needs that; whichever service they are sent to. */
export class RequestSource {
  readonly path: RequestPath;
  readonly #requestOf: (index: number) => HttpRequest;
  readonly #made: readonly HttpRequest[];
  #next = 0;

  constructor(job: Job, context: Omit<RequestContext, 'run' | 'apiKey'>) {
    this.path = requestPath(job.path);
    const whole = { ...context, apiKey: job.system.apiKey, run: `${job.run}w` };
    this.#requestOf = this.path.request(whole);
    this.#made = this.path.repeats ? context.members.map((_, index) => this.#requestOf(index)) : [];
  }

  next(): HttpRequest {
    const index = this.#next++;
    return this.#made[index % this.#made.length] ?? this.#requestOf(index);
  }

  /** Requests that repeat, beginning somewhere else for each connection, or else all ask for the same at once. */
  rotated(connection: number, connections: number): readonly HttpRequest[] {
    const from = Math.floor((this.#made.length * connection) / connections);
    return [...this.#made.slice(from), ...this.#made.slice(0, from)];
  }
}
