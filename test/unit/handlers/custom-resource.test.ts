import { isCustomResource, resourceOf } from '../../../lambdas/handlers/custom-resource';

const ResourceProperties = { ServiceToken: 'arn:x', callers: ['a caller'] };

test.each(['Create', 'Update'] as const)(
  '%s provisions with the properties, and answers with what came of it',
  async (RequestType) => {
    const provision = jest.fn(async (_: typeof ResourceProperties) => ({ units: 2 }));
    const created = await resourceOf({ RequestType, ResourceProperties }, provision);
    expect(created).toEqual({ PhysicalResourceId: expect.stringMatching(/./), Data: { units: 2 } });
    expect(provision).toHaveBeenCalledWith(ResourceProperties);
    const again = await resourceOf({ RequestType: 'Update', ResourceProperties, ...created }, provision);
    expect(again.PhysicalResourceId).toBe(created.PhysicalResourceId);
  },
);

test('a resource keeps the id that it has', async () => {
  const event = { RequestType: 'Update', PhysicalResourceId: 'of an earlier version', ResourceProperties } as const;
  expect(await resourceOf(event, async () => 1)).toEqual({ PhysicalResourceId: 'of an earlier version', Data: 1 });
});

test('Delete does nothing', async () => {
  const provision = jest.fn(async () => 1);
  const event = { RequestType: 'Delete', PhysicalResourceId: 'it', ResourceProperties } as const;
  expect(await resourceOf(event, provision)).toEqual({ PhysicalResourceId: 'it' });
  expect(provision).not.toHaveBeenCalled();
});

test('a failure is thrown', async () => {
  const failing = resourceOf({ RequestType: 'Create', ResourceProperties }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
});

test('only events of CloudFormation are taken for some', () => {
  expect(isCustomResource({ RequestType: 'Create' })).toBe(true);
  expect(isCustomResource({ callers: [] })).toBe(false);
  expect(isCustomResource({})).toBe(false);
});
