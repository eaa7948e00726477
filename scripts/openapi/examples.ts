import { ERRORS, type ErrorCode } from '../../lambdas/core';

const NOW = '2025-03-01T09:30:00.000Z';

export const MEMBER = {
  memberId: '1153202979583557643',
  version: '4294967297',
  status: 'active',
  profile: {
    name: 'Ada Lovelace',
    phone: '+351912345678',
    email: 'Ada@example.com',
    city: 'Lisbon',
    tier: 'gold',
    tags: ['vip'],
  },
  accounts: [{ platform: 'wechat', account: 'ada', boundAt: NOW }],
  registeredAt: NOW,
  updatedAt: NOW,
} as const;

export const OTHER_MEMBER = '1153202979583557644';
export const SEARCH_CURSOR = 'eyJhZnRlciI6MX0.c2lnbmF0dXJl';

const MORE: Readonly<Partial<Record<ErrorCode, object>>> = {
  INVALID_REQUEST: {
    errors: [{ path: 'profile.phone', message: 'must be a phone number in E.164, as in +<country><number>' }],
  },
  IDEMPOTENCY_IN_PROGRESS: { retryAfterMs: 1000 },
  SHED: { retryAfterMs: 1000 },
  UNAVAILABLE: { retryAfterMs: 1000 },
};

export function problemExample(code: ErrorCode): object {
  const { status, title } = ERRORS[code];
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  return { type: `urn:twinkeep:error:${code}`, title, status, code, traceId, ...MORE[code] };
}
