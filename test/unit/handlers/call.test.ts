import { accountIn } from '../../../lambdas/handlers/call';
import { createRouter } from '../../../lambdas/handlers/http';

const match = createRouter('other');
const accountOf = (method: string, path: string) => accountIn(match(method, `/v1/other${path}`).parameters);

test('what a call is about is the member or the account that its path names', () => {
  expect(accountOf('GET', '/members/42')).toBe('42');
  expect(accountOf('PUT', '/members/42/accounts/app/a1')).toBe('42');
  expect(accountOf('GET', '/accounts/app/a1')).toBe('app/a1');
  expect(accountOf('POST', '/members/batch')).toBe('');
});

test('an account is the same one however it is spelled, and one that differs is another', () => {
  const spelled = [
    '/accounts/web/caf%C3%A9@x.org',
    '/accounts/web/CAFE%CC%81@X.org',
    '/accounts/%77eb/Caf%c3%89@x.ORG',
  ];
  expect(new Set(spelled.map((path) => accountOf('GET', path)))).toEqual(new Set(['web/caf\u00e9@x.org']));
  expect(accountOf('GET', '/accounts/app/A')).not.toBe(accountOf('GET', '/accounts/app/a'));
  expect(accountOf('GET', '/accounts/constructor/A')).toBe('constructor/A');
});
