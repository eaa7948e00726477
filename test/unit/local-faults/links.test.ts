import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { planPorts } from '../../../local/engines/ports';
import { Link, type LinkState } from '../../../local/faults/link';
import { type LinkPlan, planLinks } from '../../../local/faults/plan';
import { selectLinks } from '../../../local/faults/select';
import { freePort } from '../../../local/system/free-ports';

const SHORT_MS = 60;

let engine: Server;
let answering: (bytes: string) => string;
const arrived: Socket[] = [];
const opened: (Link | Socket)[] = [];

beforeEach(async () => {
  answering = (text) => text.toUpperCase();
  engine = createServer((socket) => {
    arrived.push(socket);
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (text: string) => socket.write(answering(text)));
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', () => resolve()));
});

afterEach(() => {
  for (const one of opened.splice(0)) one instanceof Link ? one.close() : one.destroy();
  for (const socket of arrived.splice(0)) socket.destroy();
  engine.close();
});

async function openLink(name = 'order'): Promise<Link> {
  const targetPort = (engine.address() as AddressInfo).port;
  const plan: LinkPlan = {
    name: 'A-to-it',
    caller: 'A',
    callee: 'B',
    engine: name,
    port: await freePort(),
    targetPort,
  };
  const link = new Link(plan);
  await link.open();
  opened.push(link);
  return link;
}

async function connect({ plan }: Link): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port: plan.port });
  opened.push(socket);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

function answered(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.setEncoding('utf8').once('data', resolve));
}

const CUT: LinkState = { kind: 'cut' };
const OPEN: LinkState = { kind: 'open' };

test('an open link passes everything on, both ways', async () => {
  const socket = await connect(await openLink());
  socket.write('hello');
  expect(await answered(socket)).toBe('HELLO');
});

test('over a cut link nothing arrives, no side is told, and what was sent arrives when it is healed', async () => {
  const link = await openLink();
  const socket = await connect(link);
  socket.write('one');
  expect(await answered(socket)).toBe('ONE');
  link.set(CUT);
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  socket.write('two');
  await pause(SHORT_MS);
  expect([heard, socket.destroyed]).toEqual(['', false]);
  const answer = answered(socket);
  link.set(OPEN);
  expect(await answer).toBe('TWO');
});

test('whoever connects while a link is cut waits, and is served when it is healed', async () => {
  const link = await openLink();
  link.set(CUT);
  const socket = await connect(link);
  socket.write('late');
  await pause(SHORT_MS);
  expect(arrived).toHaveLength(0);
  const answer = answered(socket);
  link.set(OPEN);
  expect(await answer).toBe('LATE');
});

test('that an engine died is heard at once over an open link, and over a cut one when it is healed', async () => {
  const link = await openLink();
  const socket = await connect(link);
  socket.write('one');
  await answered(socket);
  link.set(CUT);
  for (const one of arrived) one.resetAndDestroy();
  const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')));
  expect(await Promise.race([closed, pause(SHORT_MS, 'open')])).toBe('open');
  link.set(OPEN);
  expect(await closed).toBe('closed');
});

test('a slow link lets answers arrive later, and in order', async () => {
  const link = await openLink();
  const socket = await connect(link);
  link.set({ kind: 'slow', delayMs: SHORT_MS });
  const startedMs = performance.now();
  socket.write('one');
  expect(await answered(socket)).toBe('ONE');
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(SHORT_MS - 2);
});

test('much more than a socket holds arrives whole', async () => {
  const megabytes = 'x'.repeat(4 * 1024 * 1024);
  answering = () => megabytes;
  const link = await openLink();
  const socket = await connect(link);
  let length = 0;
  const whole = new Promise<void>((resolve) =>
    socket.setEncoding('utf8').on('data', (text: string) => {
      length += text.length;
      if (length >= megabytes.length) resolve();
    }),
  );
  socket.write('all');
  await whole;
  expect(length).toBe(megabytes.length);
});

test('a cache that names its own address names the address of the link', async () => {
  const link = await openLink('redis-B');
  const node = (port: number) => `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:${port}\r\n$2\r\nid\r\n*0\r\n`;
  answering = () => node(link.plan.targetPort);
  const socket = await connect(link);
  socket.write('CLUSTER SLOTS');
  expect(await answered(socket)).toBe(node(link.plan.port));
});

describe('of all links', () => {
  const links = planLinks(planPorts(9000, 'links'));
  const names = (...selectors: string[]) => selectLinks(links, selectors).map(({ name }) => name);

  test('an engine means every way to it', () => {
    expect(names('a1-A').sort()).toEqual(['A-to-a1-A', 'B-to-a1-A', 'a1-B-to-a1-A']);
    expect(names('A-to-order')).toEqual(['A-to-order']);
  });

  test('`regions` means everything between the two, and nothing within one or to the arbiter', () => {
    const cut = selectLinks(links, ['regions']);
    expect(cut.every(({ caller, callee }) => caller !== callee && callee !== 'witness')).toBe(true);
    const within = links.filter((link) => !cut.includes(link));
    expect(within.every(({ caller, callee }) => caller === callee || callee === 'witness')).toBe(true);
    expect(cut.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['A-to-redis-B', 'B-to-aws-A', 'a1-B-to-a1-A', 'A-to-sqs-B', 'B-to-order']),
    );
  });

  test('what is no link is refused, and what there is is said', () => {
    expect(() => names('redis')).toThrow(/no link "redis".*redis-A/);
    expect(() => selectLinks(planLinks(planPorts(9000)), ['regions'])).toThrow(/--faults/);
  });
});
