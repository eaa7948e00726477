import { failedIds, nextBackoffMs, queueEvent } from '../../../local/gateway/queue-batch';

const IDS = ['a', 'b', 'c'];

test.each([
  ['no answer', undefined],
  ['null', null],
  ['no list', {}],
  ['an empty list', { batchItemFailures: [] }],
  ['no list for null', { batchItemFailures: null }],
])('%s: the whole batch succeeded', (_name, result) => {
  expect(failedIds(IDS, result).size).toBe(0);
});

test('only the messages that are named failed', () => {
  const result = { batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'b' }] };
  expect([...failedIds(IDS, result)]).toEqual(['b']);
});

test.each([
  ['a message of another batch', [{ itemIdentifier: 'a' }, { itemIdentifier: 'x' }]],
  ['an empty id', [{ itemIdentifier: '' }]],
  ['no id', [{}]],
  ['not an object', ['a']],
  ['no list', 'a'],
])('%s: the whole batch failed', (_name, batchItemFailures) => {
  expect([...failedIds(IDS, { batchItemFailures })]).toEqual(IDS);
});

test('the pause doubles from 0.2 s to 5 s', () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6].reduce<number[]>((all) => [...all, nextBackoffMs(all.at(-1) ?? 0)], []);
  expect(pauses).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
});

test('a record has what an event source mapping gives', () => {
  const message = {
    MessageId: 'm',
    ReceiptHandle: 'r',
    Body: '{}',
    MD5OfBody: 'd',
    Attributes: { ApproximateReceiveCount: '2' },
    MessageAttributes: {
      text: { DataType: 'String', StringValue: 'v' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([255]) },
    },
  };
  const { Records } = queueEvent([message], { arn: 'arn:q', awsRegion: 'us-east-1' });
  expect(Records).toEqual([
    {
      messageId: 'm',
      receiptHandle: 'r',
      body: '{}',
      attributes: { ApproximateReceiveCount: '2' },
      messageAttributes: {
        text: { dataType: 'String', stringValue: 'v' },
        bytes: { dataType: 'Binary', binaryValue: '/w==' },
      },
      md5OfBody: 'd',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:q',
      awsRegion: 'us-east-1',
    },
  ]);
});
