import fc from 'fast-check';
import { isProblem } from '../../../lambdas/core';
import { createRouter } from '../../../lambdas/handlers/http';
import { type Operation, ROUTES, TRAFFIC_CLASSES, type TrafficClass } from '../../../topology';
import { problemOf } from './problem-of';

const match = createRouter('other');
const NONE = { id: '', platform: '', account: '' };

test.each<[string, string, Operation, Partial<typeof NONE>]>([
  ['POST', '/members', 'registerMember', {}],
  ['GET', '/members', 'findByKey', {}],
  ['POST', '/members/batch', 'batchMembers', {}],
  ['POST', '/members/search', 'searchMembers', {}],
  ['GET', '/members/17', 'getMember', { id: '17' }],
  ['PATCH', '/members/17', 'patchMember', { id: '17' }],
  ['DELETE', '/members/17', 'closeMember', { id: '17' }],
  ['PUT', '/members/17/accounts/web/ada', 'bindAccount', { id: '17', platform: 'web', account: 'ada' }],
  ['DELETE', '/members/17/accounts/web/ada', 'unbindAccount', { id: '17', platform: 'web', account: 'ada' }],
  ['GET', '/accounts/web/ada', 'findByAccount', { platform: 'web', account: 'ada' }],
  ['GET', '/health', 'health', {}],
  ['GET', '/openapi.json', 'openapi', {}],
])('%s %s is %s', (method, path, operation, parameters) => {
  const found = match(method, `/v1/other${path}`);
  expect(found.route.operation).toBe(operation);
  expect(found.parameters).toEqual({ ...NONE, ...parameters });
});

test('every call of the list is found in its classes, and only there', () => {
  for (const trafficClass of TRAFFIC_CLASSES) {
    const matchInClass = createRouter(trafficClass);
    for (const route of ROUTES) {
      const read = () => matchInClass(route.method, `/v1/${trafficClass}${route.path.replaceAll(/[{}]/g, '')}`).route;
      if (route.classes.includes(trafficClass)) expect(read()).toBe(route);
      else expect(problemOf(read).code).toBe('NO_SUCH_ROUTE');
    }
  }
});

test('what needs no key is found without a class as well, and nothing else is', () => {
  expect(match('GET', '/health').route.operation).toBe('health');
  expect(match('GET', '/openapi.json').route.operation).toBe('openapi');
  expect(problemOf(() => match('POST', '/members')).code).toBe('NO_SUCH_ROUTE');
  expect(problemOf(() => match('POST', '/health')).code).toBe('METHOD_NOT_ALLOWED');
});

test.each([
  '',
  '/',
  '/v1',
  '/v1/other',
  '/v1/other/',
  '/v1/other/members/',
  '/v1/other//members',
  '/v1/other/members//',
  '/v1/other/members/17/',
  '/v1/other/members/17/accounts',
  '/v1/other/members/17/accounts/web',
  '/v1/other/members/17/accounts/web/',
  '/v1/other/members/17/accounts//ada',
  '/v1/other/members/17/accounts/web/ada/x',
  '/v1/other/members/batch/accounts/web/ada',
  '/v1/other/accounts/web',
  '/v1/other/accounts/web/ada/',
  '/v1/other/Members/17',
  '/v1/other/m%65mbers/17',
  '/v1/other/health/',
  '/v1/order/members/17',
  '/v1/otherx/members/17',
  '/health/',
  '/v1/other/__proto__',
  '/v1/other/constructor',
  '/v1/other/%zz',
])('there is nothing at %j', (path) => {
  expect(problemOf(() => match('GET', path)).code).toBe('NO_SUCH_ROUTE');
});

test.each([
  ['POST', '/members/17', 'DELETE, GET, PATCH'],
  ['HEAD', '/members/17', 'DELETE, GET, PATCH'],
  ['OPTIONS', '/members', 'GET, POST'],
  ['get', '/members', 'GET, POST'],
  ['GET', '/members/batch', 'POST'],
  ['GET', '/members/search', 'POST'],
  ['GET', '/members/17/accounts/web/ada', 'DELETE, PUT'],
  ['PUT', '/accounts/web/%zz', 'GET'],
  ['toString', '/health', 'GET'],
])('%s %s is told what the path takes', (method, path, allow) => {
  const problem = problemOf(() => match(method, `/v1/other${path}`));
  expect([problem.code, problem.details.headers]).toEqual(['METHOD_NOT_ALLOWED', { Allow: allow }]);
});

describe('percent-encoding', () => {
  const accountAt = (text: string) => match('GET', `/v1/other/accounts/web/${text}`).parameters.account;

  test.each([
    ['a%2Fb', 'a/b'],
    ['a%2fb', 'a/b'],
    ['%252F', '%2F'],
    ['a+b', 'a+b'],
    ['a%20b', 'a b'],
    ['%F0%9F%98%80', '😀'],
    ['a:b@c;d=e', 'a:b@c;d=e'],
    ['..', '..'],
    ['%00', '\u0000'],
  ])('%j is decoded once', (sent, decoded) => {
    expect(accountAt(sent)).toBe(decoded);
  });

  test.each(['%', '%2', '%zz', 'a%', '%ff', '%C3', '%ED%A0%80', '%C0%AF', '\u00c3\u00a9', 'a\u0001', 'é'])(
    '%j is refused',
    (sent) => {
      const problem = problemOf(() => accountAt(sent));
      expect(problem.code).toBe('INVALID_REQUEST');
      expect(problem.details.errors).toEqual([{ path: 'account', message: 'must be percent-encoded UTF-8' }]);
    },
  );

  test('brings every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 }), (platform, account) => {
        const path = `/v1/other/accounts/${encodeURIComponent(platform)}/${encodeURIComponent(account)}`;
        expect(match('GET', path).parameters).toEqual({ ...NONE, platform, account });
      }),
    );
  });
});

test('a path made of anything is matched or refused, never failed', () => {
  const segment = fc.oneof(
    fc.constantFrom('members', 'accounts', 'batch', 'health', '..', '.', '', '%2e', '%', '__proto__', 'v1', 'other'),
    fc.string({ unit: 'binary' }),
  );
  const method = fc.oneof(fc.constantFrom('GET', 'PUT', 'DELETE', '__proto__'), fc.string());
  fc.assert(
    fc.property(
      fc.constantFrom(...TRAFFIC_CLASSES),
      method,
      fc.array(segment, { maxLength: 7 }),
      (name, verb, parts) => {
        const found = outcomeOf(name, verb, `/v1/${name}/${parts.join('/')}`);
        expect(['found', 'NO_SUCH_ROUTE', 'METHOD_NOT_ALLOWED', 'INVALID_REQUEST']).toContain(found);
      },
    ),
    { numRuns: 2000 },
  );
});

function outcomeOf(trafficClass: TrafficClass, method: string, path: string): string {
  try {
    return createRouter(trafficClass)(method, path) && 'found';
  } catch (error) {
    return isProblem(error) ? error.code : String(error);
  }
}
