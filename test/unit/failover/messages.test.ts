import { readFailoverMessage } from '../../../lambdas/failover';
import { consumeEach, type DeadLetters } from '../../../lambdas/sync';
import { parameterChangeEvent } from '../../../local/front/parameter-change';

const told = (name: string) =>
  JSON.stringify(parameterChangeEvent({ name, operation: 'Update' }, 'us-east-1', '000000000000', new Date(0)));

test('a change of a parameter names the switch that it is, if it is one of this stage', () => {
  const read = (name: string) => readFailoverMessage('local', told(name));
  expect(read('/twinkeep/local/search/order')).toEqual({
    kind: 'parameter',
    parameter: '/twinkeep/local/search/order',
    name: 'search/order',
  });
  expect(read('/twinkeep/other/search/order')).toMatchObject({ name: undefined });
  expect(read('/twinkeep/local/search/nobody')).toMatchObject({ name: undefined });
});

test('work is read whole', () => {
  expect(readFailoverMessage('local', '{"kind":"advance","unit":"b1"}')).toEqual({ kind: 'advance', unit: 'b1' });
  expect(readFailoverMessage('local', '{"kind":"look"}')).toEqual({ kind: 'look' });
  expect(readFailoverMessage('local', '{"kind":"publish"}')).toEqual({ kind: 'publish' });
});

test.each([
  ['no JSON', 'hidden'],
  ['no object', '"hidden"'],
  ['another unit', '{"kind":"advance","unit":"hidden"}'],
  ['another kind', '{"kind":"hidden"}'],
  ['more than is meant', '{"kind":"look","unit":"hidden"}'],
  ['another event', told('x').replace('aws.ssm', 'hidden')],
])('%s is refused, without showing it', (_, body) => {
  expect(() => readFailoverMessage('local', body)).toThrow(/^the message is (not|neither)/);
  expect(() => readFailoverMessage('local', body)).not.toThrow(/hidden/);
});

describe('a batch', () => {
  const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const records = ['good', 'ill', 'failing', 'last'].map((body) => ({ messageId: body, body }));
  const read = (body: string) => {
    if (body === 'ill') throw new Error('it is ill');
    return body;
  };

  async function consumed(put: (letter: object) => Promise<void>) {
    const acted: string[] = [];
    const act = async (message: string) => {
      acted.push(message);
      if (message === 'failing') throw new Error('not now');
    };
    const deadLetters = { put } as unknown as DeadLetters;
    const { batchItemFailures } = await consumeEach({ deadLetters, log: LOG }, { Records: records }, { read, act });
    return { acted, back: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
  }

  test('is acted on one by one; what failed comes back, and what cannot be read goes to the dead letters', async () => {
    const letters: object[] = [];
    const { acted, back } = await consumed(async (letter) => void letters.push(letter));
    expect(acted).toEqual(['good', 'failing', 'last']);
    expect(back).toEqual(['failing']);
    expect(letters).toEqual([expect.objectContaining({ body: 'ill', reason: 'it is ill' })]);
  });

  test('keeps what the dead letters did not take', async () => {
    const { back } = await consumed(() => Promise.reject(new Error('away')));
    expect(back).toEqual(['ill', 'failing']);
  });
});
