import fc from 'fast-check';
import type { MemberDocument } from '../../../lambdas/core';
import { maskContacts, maskDocument } from '../../../lambdas/search';
import { memberOf } from '../../engine/search/members';

/** Texts that no mask, name or time contains by chance. */
const secret = fc.stringMatching(/^[a-km-z]{8,20}$/);

const document: fc.Arbitrary<MemberDocument> = fc
  .record({
    phone: fc.stringMatching(/^\+[1-9][0-9]{9,14}$/),
    email: secret.map((local) => `${local}@${local}.example`),
    unionId: secret,
    idCard: secret,
    accounts: fc.array(fc.tuple(fc.constantFrom('app', 'web', 'card'), secret), { maxLength: 4 }),
    heldKey: secret,
  })
  .map(({ accounts, heldKey, ...profile }) => ({
    ...memberOf({ profile, accounts }),
    heldKeys: [{ key: `unionId:${heldKey}`, generation: 1 }],
  }));

function secretsOf({ profile, accounts, heldKeys }: MemberDocument): string[] {
  const { phone, email, unionId, idCard } = profile;
  const fragments = [phone?.slice(1), phone?.slice(-3), email?.split('@')[0], email?.split('@')[1], unionId, idCard];
  const keys = (heldKeys ?? []).map(({ key }) => key.slice('unionId:'.length));
  return [...fragments, ...keys, ...accounts.map(({ account }) => account)].flatMap((text) => text ?? []);
}

test('nothing of a contact is left but the last two digits of a phone', () => {
  fc.assert(
    fc.property(document, (member) => {
      const masked = maskDocument(member);
      const contacts = JSON.stringify({
        ...masked,
        memberId: '',
        registeredAt: '',
        updatedAt: '',
        accounts: masked.accounts.map(({ account }) => account),
      });
      for (const text of secretsOf(member)) expect(contacts).not.toContain(text);
      expect(masked.profile.phone).toBe(`***${member.profile.phone?.slice(-2)}`);
    }),
  );
});

test('masking twice is masking once, so that a masked copy and a masked answer are equal', () => {
  fc.assert(
    fc.property(document, (member) => {
      expect(maskDocument(maskDocument(member))).toEqual(maskDocument(member));
    }),
  );
});

test('what segments are made of stays', () => {
  const profile = {
    name: 'Ada',
    birthDate: '1815-12-10',
    locale: 'en-GB',
    city: 'London',
    tier: 'gold',
    tags: ['a'],
    marketingConsent: true,
  } as const;
  const member = memberOf({ profile, accounts: [['app', 'x']] });
  expect(maskDocument(member)).toEqual({
    ...member,
    accounts: member.accounts.map((account) => ({ ...account, account: '***' })),
  });
});

test('a profile field that the mask has not heard of is left out', () => {
  const member = memberOf({ profile: { nickname: 'Countess', toString: 'x' } as never });
  expect(maskDocument(member).profile).toEqual({ name: 'Ada Lovelace' });
});

test('a short or odd phone shows nothing', () => {
  for (const phone of ['', '1', '12', '123', '1234']) {
    expect(maskDocument(memberOf({ profile: { phone } })).profile.phone).toBe('***');
  }
});

test('answers are masked as documents are', () => {
  const answer = {
    memberId: '1',
    version: '7',
    profile: { name: 'Ada', phone: '+491511234567' },
    accounts: [{ platform: 'app', account: 'ada' }],
  };
  expect(maskContacts(answer)).toEqual({
    ...answer,
    profile: { name: 'Ada', phone: '***67' },
    accounts: [{ platform: 'app', account: '***' }],
  });
});
