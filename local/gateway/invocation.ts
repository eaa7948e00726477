/** What Lambda passes beside the event, as far as functions of ours may rely on it. */
export interface InvocationContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

const MEMORY_LIMIT_MB = '1024';

/** One invocation, and the context that its function sees of it. */
export class Invocation implements InvocationContext {
  callbackWaitsForEmptyEventLoop = true;
  readonly functionVersion = '$LATEST';
  readonly memoryLimitInMB = MEMORY_LIMIT_MB;
  readonly #reject: (cause: unknown) => void;

  /** @param deadlineMs monotonic */
  constructor(
    readonly functionName: string,
    readonly invokedFunctionArn: string,
    readonly awsRequestId: string,
    readonly deadlineMs: number,
    reject: (cause: unknown) => void,
  ) {
    this.#reject = reject;
  }

  getRemainingTimeInMillis(): number {
    return Math.max(0, Math.floor(this.deadlineMs - performance.now()));
  }

  /** Answers in place of the function, which is late. */
  expire(cause: unknown): void {
    this.#reject(cause);
  }
}
