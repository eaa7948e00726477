import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { bundleProcesses, processBundle } from '../../../local/bundle';
import { type FunctionProcessConfig, PROCESS_VARIABLE } from '../../../local/system/process-config';
import { type FunctionDefinition, TRAFFIC_CLASSES } from '../../../topology';
import { temporaryDirectory } from '../../support/directory';
import { freePort } from '../../support/scratch-engine';
import { apiFunction, writeBundle } from '../../unit/gateway/hosted';
import { send } from '../../unit/gateway/listening';

const API = `
  const say = (what) => console.log(JSON.stringify({ what, name: process.env.NAME }));
  let held;
  exports.handler = async (event) => {
    if (event.path.endsWith('/held')) await new Promise((resolve) => { held = resolve; say('held'); setTimeout(resolve, 1000); });
    return { statusCode: 200, body: JSON.stringify({ name: process.env.NAME, class: process.env.TWINKEEP_CLASS }) };
  };
  exports.close = async () => say('closed');
`;
const BEATING = `
  let stopped;
  exports.handler = async (event) => {
    console.log(JSON.stringify({ what: 'beat', event }));
    await new Promise((resolve) => { stopped = resolve; });
    console.log(JSON.stringify({ what: 'ended' }));
  };
  exports.stop = () => stopped?.();
`;

const bundles = temporaryDirectory('bundles');
let children: ChildProcess[] = [];

beforeAll(async () => {
  await bundleProcesses(bundles);
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

type Line = Readonly<Record<string, unknown>>;

async function run(config: Pick<FunctionProcessConfig, 'kind' | 'functions'> & { port?: number }) {
  const invokePort = await freePort();
  const whole: FunctionProcessConfig = {
    name: `${config.kind}-A`,
    region: 'A',
    invokePort,
    awsEndpoint: 'http://127.0.0.1:9',
    awsRegion: 'us-east-1',
    queueUrls: { 'failover-A': 'http://127.0.0.1:9/000000000000/failover-A' },
    ...config,
  };
  const child = spawn(process.execPath, [processBundle(bundles, 'function-process')], {
    env: { PATH: process.env.PATH, [PROCESS_VARIABLE]: JSON.stringify(whole) },
  });
  children.push(child);
  const lines: Line[] = [];
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.filter((part) => part.startsWith('{')).map((line) => JSON.parse(line) as Line));
    });
  }
  const ready = () => fetch(`http://127.0.0.1:${invokePort}/ready`).then(({ status }) => status === 200);
  return {
    child,
    lines,
    invokePort,
    text: () => text,
    async ready() {
      while (!(await ready().catch(() => false))) await pause(20);
    },
    async said(what: string) {
      while (!lines.some((line) => line.what === what)) await pause(10);
    },
  };
}

function hosted(definition: FunctionDefinition, source: string) {
  return { name: definition.name, bundle: writeBundle(source), definition, environment: { NAME: definition.name } };
}

function apiFunctions(source = API) {
  return TRAFFIC_CLASSES.map((name) => hosted(apiFunction(name), source));
}

function scheduled(source: string): FunctionProcessConfig['functions'][number] {
  const trigger = { kind: 'schedule' as const, everyMs: 300 };
  return hosted(
    { ...apiFunction('other'), name: 'beating', trigger, timeoutMs: 10_000, reservedConcurrency: 2 },
    source,
  );
}

test('the functions of an API run side by side, each in its own environment', async () => {
  const port = await freePort();
  const { ready } = await run({ kind: 'api', port, functions: apiFunctions() });
  await ready();
  for (const name of TRAFFIC_CLASSES) {
    expect(JSON.parse((await send(port, `/v1/${name}/members/1`)).text)).toEqual({ name: `members-${name}` });
  }
});

test('SIGTERM finishes what is in flight, closes the functions and exits with 0', async () => {
  const port = await freePort();
  const { child, lines, said, ready } = await run({ kind: 'api', port, functions: apiFunctions() });
  await ready();
  const inFlight = send(port, '/v1/order/held');
  await said('held');
  child.kill('SIGTERM');
  expect((await inFlight).status).toBe(200);
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(lines.filter(({ what }) => what === 'closed').map(({ name }) => name)).toEqual(
    TRAFFIC_CLASSES.map((name) => `members-${name}`),
  );
});

test('a schedule starts at once, again at its rate, and no more often than reserved', async () => {
  const { child, lines, ready } = await run({ kind: 'tasks', functions: [scheduled(BEATING)] });
  await ready();
  while (!lines.some(({ message }) => message === 'schedule skipped')) await pause(20);
  const beats = lines.filter(({ what }) => what === 'beat');
  expect(beats).toHaveLength(2);
  expect(beats[0]?.event).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
  child.kill('SIGKILL');
});

test('SIGTERM tells a long schedule to end, and waits for it', async () => {
  const { child, lines, said } = await run({ kind: 'tasks', functions: [scheduled(BEATING)] });
  await said('beat');
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(lines.some(({ what }) => what === 'ended')).toBe(true);
});

test('a function that does not end is left behind after five seconds', async () => {
  const stubborn = `exports.handler = () => { console.log('{"what":"beat"}'); return new Promise(() => {}); };`;
  const { child, said } = await run({ kind: 'tasks', functions: [scheduled(stubborn)] });
  await said('beat');
  const startedMs = performance.now();
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(7000);
});

test('a stray failure of one function leaves the others running', async () => {
  const port = await freePort();
  const stray = `exports.handler = async () => {
    Promise.reject(new Error('stray rejection'));
    setTimeout(() => { throw new Error('stray throw'); });
    return { statusCode: 200, body: '' };
  };`;
  const { lines, ready } = await run({ kind: 'api', port, functions: apiFunctions(stray) });
  await ready();
  await send(port, '/v1/order/members/1');
  while (lines.filter(({ level }) => level === 'ERROR').length < 2) await pause(20);
  expect((await send(port, '/v1/other/members/1')).status).toBe(200);
});

test('a function that cannot be loaded ends the process, which says why', async () => {
  const port = await freePort();
  const { child, text } = await run({ kind: 'api', port, functions: apiFunctions(`throw new Error('no secrets');`) });
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(1);
  expect(text()).toContain('no secrets');
});

test('every function is invoked by name, errors are told as Lambda tells them', async () => {
  const failing = `exports.handler = async (event) => { if (event.fail) throw new RangeError('too much'); return event; };`;
  const { invokePort, ready } = await run({
    kind: 'tasks',
    functions: [hosted({ ...apiFunction('other'), name: 'job', trigger: { kind: 'deployment' } }, failing)],
  });
  await ready();
  const invoke = (name: string, body: string) =>
    fetch(`http://127.0.0.1:${invokePort}/2015-03-31/functions/${name}/invocations`, { method: 'POST', body });
  const echoed = await invoke('job', '{"a":[1]}');
  expect([echoed.status, await echoed.json()]).toEqual([200, { a: [1] }]);
  const failed = await invoke('job:$LATEST', '{"fail":true}');
  expect(failed.headers.get('x-amz-function-error')).toBe('Unhandled');
  expect(await failed.json()).toMatchObject({ errorType: 'RangeError', errorMessage: 'too much' });
  expect((await invoke('nobody', '{}')).status).toBe(404);
  expect((await invoke('job', '{')).status).toBe(400);
});
