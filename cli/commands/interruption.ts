import { EXIT } from '../usage';

/** One Ctrl-C may arrive more than once: from the terminal, and from each process above that passes it on. */
const ECHO_MS = 500;

/**
 * A signal that Ctrl-C aborts; a second Ctrl-C ends the process at once.
 * @param onFirst tells that the end is awaited
 */
export function interruption(onFirst: () => void): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  let firstAtMs = Number.POSITIVE_INFINITY;
  const interrupt = () => {
    if (performance.now() - firstAtMs > ECHO_MS) process.exit(EXIT.interrupted);
    if (controller.signal.aborted) return;
    firstAtMs = performance.now();
    controller.abort();
    onFirst();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
