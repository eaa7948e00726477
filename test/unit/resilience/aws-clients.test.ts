import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

interface ClientMade {
  readonly place: string;
  readonly text: string;
  readonly options: string;
}

/** What stands between the bracket that ends `text` up to `from`, and the one that closes it. */
function argumentsFrom(text: string, from: number): string {
  let depth = 1;
  let at = from;
  for (; depth > 0 && at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
  }
  return text.slice(from, at - 1);
}

const everyCall = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(({ 0: { length }, index }) => argumentsFrom(text, index + length));

/** Every client of AWS that code of functions makes, with the text of its options. */
function clientsMade(): ClientMade[] {
  const files = readdirSync(join(ROOT, 'lambdas'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(ROOT, 'lambdas', name), 'utf8');
      if (!text.includes('@aws-sdk/client-')) return [];
      const options = everyCall(text, /new [A-Z]\w*Client\(/g);
      return options.map((one) => ({ place: `lambdas/${name}`, text, options: one }));
    });
}

/** Each call of a client carries the signal of who waits for it. */
function everySendHasASignal(text: string): boolean {
  const sends = everyCall(text, /\.send\(/g);
  return sends.length > 0 && sends.every((sent) => sent.includes('abortSignal'));
}

const made = clientsMade();

test('all clients of AWS are looked at', () => {
  expect(made.map(({ place }) => place).sort()).toEqual([
    'lambdas/arbiter/client.ts',
    'lambdas/configuration/parameters.ts',
    'lambdas/configuration/secrets.ts',
    'lambdas/failover/clusters.ts',
    'lambdas/handlers/forward.ts',
    'lambdas/switches/parameter-store.ts',
    'lambdas/sync/dead-letter-queue.ts',
    'lambdas/sync/event-sources.ts',
    'lambdas/sync/publisher.ts',
    'lambdas/sync/work-queue.ts',
  ]);
});

/** Whoever is waited for by a request, or puts something that must not be put twice, is asked once. */
const TWICE = [
  'lambdas/configuration/',
  'lambdas/sync/dead-letter',
  'lambdas/sync/event-sources',
  'lambdas/sync/work-queue',
];

test.each(made)('a call of the client in $place ends, and is sent as often as we say', ({ place, text, options }) => {
  const most = TWICE.some((prefix) => place.startsWith(prefix)) ? 2 : 1;
  expect(options).toMatch(new RegExp(`maxAttempts: [1-${most}]\\b`));
  const hasTimeout = /requestTimeout: \w+/.test(options) && options.includes('throwOnRequestTimeout: true');
  expect(hasTimeout || everySendHasASignal(text)).toBe(true);
});
