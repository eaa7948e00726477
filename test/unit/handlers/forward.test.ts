import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Endpoints, isProblem } from '../../../lambdas/core';
import { Forwarder } from '../../../lambdas/handlers/forward';
import { keptLog } from '../gateway/hosted';

/** Long enough for a request to arrive, on a busy machine as well. */
const TIMEOUT_MS = 500;
/** Where an answer is expected, however long it takes. */
const PATIENT_MS = 10_000;

let region: Server;
let answer: (response: ServerResponse) => void;
let requests = 0;
const time = { monotonicMs: 0 };
let forwarder: Forwarder;

beforeEach(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'x';
  process.env.AWS_SECRET_ACCESS_KEY = 'x';
  region = createServer((_, response) => {
    requests += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => region.listen(0, '127.0.0.1', () => resolve()));
  const { port } = region.address() as AddressInfo;
  forwarder = new Forwarder({
    functionName: 'members-order',
    endpoints: { aws: `http://127.0.0.1:${port}` } as Endpoints,
    clock: { nowMs: () => 0, monotonicMs: () => time.monotonicMs },
    log: keptLog(),
  });
  answer = answered;
  await forward(PATIENT_MS);
  requests = 0;
});

afterEach(() => {
  forwarder.close();
  region.closeAllConnections();
  region.close();
});

const silence = () => undefined;
const answered = (response: ServerResponse) => response.end('{"statusCode":200}');
const forward = (timeoutMs = TIMEOUT_MS) =>
  forwarder.forward<object, unknown>({}, 'B', timeoutMs).catch((error: unknown) => error);

test('a region that does not answer is asked a few times, then nobody waits for it any more', async () => {
  answer = silence;
  await Promise.all([forward(), forward(), forward()]);
  expect(requests).toBe(3);
  const refusal = await forward();
  expect(isProblem(refusal, 'UNAVAILABLE')).toBe(true);
  expect(requests).toBe(3);
});

test('after a while one request tries again, and what it finds counts for all', async () => {
  answer = silence;
  await Promise.all([forward(), forward(), forward()]);
  time.monotonicMs += 1000;
  answer = answered;
  expect(await forward(PATIENT_MS)).toEqual({ statusCode: 200 });
  expect(await forward(PATIENT_MS)).toEqual({ statusCode: 200 });
});

test('a function that fails says nothing about the way to it', async () => {
  answer = (response) => {
    response.setHeader('x-amz-function-error', 'Unhandled');
    response.end('{"errorMessage":"boom"}');
  };
  for (let count = 0; count < 5; count += 1) expect(isProblem(await forward(PATIENT_MS), 'UNAVAILABLE')).toBe(true);
  expect(requests).toBe(5);
});

test('requests that have hardly any time left say nothing about the region', async () => {
  answer = silence;
  await Promise.all(Array.from({ length: 5 }, () => forward(50)));
  answer = answered;
  expect(await forward(PATIENT_MS)).toEqual({ statusCode: 200 });
});

test('nor do they try whether a region is back that has not answered lately', async () => {
  answer = silence;
  await Promise.all([forward(), forward(), forward()]);
  time.monotonicMs += 1000;
  expect(isProblem(await forward(50), 'UNAVAILABLE')).toBe(true);
  expect(requests).toBe(3);
  answer = answered;
  expect(await forward(PATIENT_MS)).toEqual({ statusCode: 200 });
});
