import type { ApiEvent } from '../../../local/gateway/api-event';
import { gate } from './hosted';
import { problemOf, send, startsListening } from './listening';

const start = startsListening();

/** Answers at once, but what is asked of members in class marketing and other only when it is let go. */
async function startHolding() {
  const held = gate();
  let holding = 0;
  const listening = await start(
    async (event) => {
      if (/^\/v1\/(marketing|other)/.test((event as ApiEvent).path)) {
        holding += 1;
        await held.opened;
      }
      return { statusCode: 200, body: '' };
    },
    { reservedConcurrency: 1000 },
  );
  return { ...listening, held, holding: () => holding };
}

describe('the entry of a class', () => {
  test('what would wait too long for its turn is refused by the rule of the entry, and told when to come again', async () => {
    const { port, held, holding, refusals } = await startHolding();
    const asked = Array.from({ length: 40 }, () => send(port, '/v1/marketing/members/1'));
    const refused = await Promise.race(asked);
    expect(refused.status).toBe(503);
    expect(problemOf(refused.text)).toMatchObject({ code: 'SHED', rule: 'limit/requests' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    held.open();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(holding());
    expect(refusals).toHaveLength(40 - holding());
    expect(refusals[0]).toEqual(['Refusals', { outcome: 'SHED', rule: 'limit/requests' }]);
  });

  test('classes that wait hold up no other, and nobody who asks whether the region is well', async () => {
    const { port, held } = await startHolding();
    const asked = ['marketing', 'other'].map((name) =>
      Array.from({ length: 40 }, () => send(port, `/v1/${name}/members/1`)),
    );
    await Promise.all(asked.map((ofClass) => Promise.race(ofClass)));
    const others = ['/v1/order/members/1', '/health', '/openapi.json'].map((path) => send(port, path));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200, 200]);
    held.open();
    await Promise.all(asked.flat());
  });

  test('an invocation that waits for its turn leaves its place to others of its class', async () => {
    const held = gate();
    let waiting = 0;
    const { port } = await start(
      async (event, context) => {
        if ((event as ApiEvent).path.endsWith('/queue')) {
          const goOn = context.waiting?.begin();
          waiting += goOn === undefined ? 0 : 1;
          await held.opened;
          goOn?.();
        }
        return { statusCode: 200, body: '' };
      },
      { reservedConcurrency: 1000 },
    );
    const queued = Array.from({ length: 20 }, () => send(port, '/v1/marketing/queue').catch(() => ({ status: 0 })));
    const untilMs = performance.now() + 5000;
    while (waiting < 20 && performance.now() < untilMs) await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).toBe(20);
    expect((await send(port, '/v1/marketing/members/1')).status).toBe(200);
    held.open();
    expect((await Promise.all(queued)).map(({ status }) => status)).toEqual(queued.map(() => 200));
  });
});
