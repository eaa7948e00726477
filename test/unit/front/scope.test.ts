import { signedScope } from '../../../local/front/scope';

test('the scope is read from the signature of SDKs and command lines', () => {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-2/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab';
  expect(signedScope(authorization, '/')).toEqual({ awsRegion: 'us-east-2', service: 'sqs' });
});

test.each(['%2F', '/'])('the scope of a signed URL is read (separated by %s)', (slash) => {
  const credential = ['k', '20261121', 'us-east-1', 'dynamodb', 'aws4_request'].join(slash);
  expect(signedScope(undefined, `/?X-Amz-Credential=${credential}&X-Amz-Date=x`)).toEqual({
    awsRegion: 'us-east-1',
    service: 'dynamodb',
  });
});

test.each([undefined, '', 'Basic abc', 'AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1'])(
  '%s is no signature',
  (authorization) => {
    expect(signedScope(authorization, '/')).toBeUndefined();
  },
);
