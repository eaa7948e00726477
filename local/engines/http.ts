const REQUEST_TIMEOUT_MS = 5000;

/** @throws Error unless the address answers with a 2xx status in time */
export async function getOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
}
