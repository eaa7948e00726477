import { parameterChangeEvent, parameterChanges } from '../../../local/front/parameter-change';

function call(target: string, request: unknown, answer: unknown) {
  return parameterChanges({
    target: `AmazonSSM.${target}`,
    request: JSON.stringify(request),
    answer: JSON.stringify(answer),
  });
}

test.each([
  [1, 'Create'],
  [2, 'Update'],
])('a put that answers version %i is a %s', (Version, operation) => {
  expect(call('PutParameter', { Name: '/a', Type: 'String' }, { Version })).toEqual([
    { name: '/a', operation, type: 'String' },
  ]);
});

test('of several deleted ones only those that existed changed', () => {
  expect(call('DeleteParameters', { Names: ['/a', '/b'] }, { DeletedParameters: ['/b'] })).toEqual([
    { name: '/b', operation: 'Delete' },
  ]);
});

test.each([
  ['a read', 'GetParameter', { Name: '/a' }],
  ['a put without a name', 'PutParameter', {}],
])('%s changes nothing', (_name, target, request) => {
  expect(call(target, request, {})).toEqual([]);
});

test('what is no JSON changes nothing', () => {
  expect(parameterChanges({ target: 'AmazonSSM.PutParameter', request: '{', answer: 'x' })).toEqual([]);
});

test('the event names parameter, place and time', () => {
  const event = parameterChangeEvent({ name: '/a/b', operation: 'Delete' }, 'us-east-1', '0', new Date(0));
  expect(event).toMatchObject({
    resources: ['arn:aws:ssm:us-east-1:0:parameter/a/b'],
    time: '1970-01-01T00:00:00.000Z',
    detail: { name: '/a/b', operation: 'Delete' },
  });
});
