/** What a process of the bench says to the one that started it. */
export type Message =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

export function reply(message: Message): void {
  process.send?.(message);
}

/** Runs a process of the bench: it says what came of its work, and ends. */
export function runChild(work: () => Promise<unknown>): void {
  // Who started it has ended: nobody would read the result.
  process.once('disconnect', () => process.exit(1));
  work().then(
    (value) => end({ kind: 'result', value }, 0),
    (error: unknown) => end({ kind: 'failed', reason: reasonOf(error) }, 1),
  );
}

function end(message: Message, code: number): void {
  // What is still open (a connection that a driver keeps) must not hold the process.
  if (process.send === undefined) process.exit(code);
  process.send(message, undefined, undefined, () => process.exit(code));
}

/** Serves questions one after another until it is ended. */
export function answerQuestions<Q>(answer: (question: Q) => Promise<unknown>): void {
  process.once('disconnect', () => process.exit(1));
  process.on('message', (question) => {
    answer(question as Q).then(
      (value) => reply({ kind: 'result', value }),
      (error: unknown) => reply({ kind: 'failed', reason: reasonOf(error) }),
    );
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
