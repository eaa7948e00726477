import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { PAGE } from './page';

export { pageStatus } from './page';

function hashOf(tag: 'script' | 'style'): string {
  const [, text = ''] = new RegExp(`<${tag}>([\\s\\S]*)</${tag}>`).exec(PAGE) ?? [];
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Nothing runs in the page but what stands in it. */
const HEADERS = {
  'Content-Security-Policy': `default-src 'none'; connect-src 'self'; script-src ${hashOf('script')}; style-src ${hashOf('style')}`,
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** Serves the page on 127.0.0.1; `status` is asked at every look. */
export async function serveConsole(port: number, status: () => unknown): Promise<Server> {
  const server = createServer((request, response) => {
    const answers: Readonly<Record<string, () => readonly [string, string]>> = {
      '/': () => ['text/html; charset=utf-8', PAGE],
      '/status.json': () => ['application/json', JSON.stringify(status())],
    };
    const answer =
      request.method === 'GET' && Object.hasOwn(answers, request.url ?? '') ? answers[request.url ?? ''] : undefined;
    if (answer === undefined) {
      response.writeHead(404, HEADERS).end();
      return;
    }
    const [type, text] = answer();
    response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(text);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
