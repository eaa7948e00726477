import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { pageStatus, serveConsole } from '../../../local/console';
import type { LocalState } from '../../../local/system';

const engine = {
  name: 'a1-A',
  kind: 'mariadb',
  region: 'A',
  role: 'writer',
  port: 1,
  status: 'ready',
  pid: 2,
} as const;
const REPORT = { phase: 'running', pid: 1, directory: '.local', engines: [engine] } as const;
const STATE = {
  regions: { A: { api: 'http://127.0.0.1:1' }, B: { api: 'http://127.0.0.1:2' } },
  callers: [{ id: 'shop', apiKey: 'shop.secret', classes: ['order'] }],
  aws: { secretAccessKey: 'secret' },
} as unknown as LocalState;

test('the page stands alone, runs only its own script, and its status shows no key', async () => {
  const server = await serveConsole(0, () => pageStatus(REPORT, STATE));
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const page = await fetch(base);
    const text = await page.text();
    const script = /<script>([\s\S]*)<\/script>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    expect(page.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
    expect(text).not.toMatch(/https?:\/\//);
    const status = await (await fetch(`${base}/status.json`)).text();
    expect(JSON.parse(status)).toMatchObject({
      phase: 'running',
      engines: [engine],
      addresses: { A: 'http://127.0.0.1:1' },
    });
    expect(status).not.toContain('secret');
    for (const path of ['/state.json', '/__proto__', '/..%2f']) expect((await fetch(base + path)).status).toBe(404);
    expect((await fetch(base, { method: 'POST' })).status).toBe(404);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
