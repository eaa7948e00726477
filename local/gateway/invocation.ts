/** What Lambda passes beside the event, as far as functions of ours may rely on it. */
export interface InvocationContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
  /** Not of Lambda, where each environment waits for itself. */
  readonly waiting?: Waiting | undefined;
}

/** Where an invocation waits for its turn: its place at the entry is somebody else's until it goes on. */
export interface Waiting {
  /** Whether it may; not where too many do. */
  readonly isOpen: boolean;
  /** @returns what tells that it goes on; undefined where it must not wait */
  begin(): (() => void) | undefined;
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
    readonly waiting?: Waiting | undefined,
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
