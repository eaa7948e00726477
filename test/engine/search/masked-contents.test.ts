import fc from 'fast-check';
import { contents, openDomain, type TestDomain } from './domains';
import { eventsOf, memberOf } from './members';

let opened: TestDomain;
beforeAll(async () => {
  opened = await openDomain({ name: 'marketing', holds: 'masked' });
});
afterAll(() => opened.remove());

const word = fc.stringMatching(/^[bcdfghjkmnpqrstvwxz]{12}$/);
const phone = fc.stringMatching(/^\+[1-9][0-9]{12}$/);
const contacts = fc.record({ phone, email: word.map((text) => `${text}@mail.example`), unionId: word, idCard: word });
const accounts = fc.array(fc.tuple(fc.constantFrom('app', 'wechat'), word), { maxLength: 3 });

/** Two versions of each member, so that removed keys are among what is written. */
const histories = fc.array(fc.array(fc.record({ contacts, accounts }), { minLength: 2, maxLength: 2 }), {
  minLength: 100,
  maxLength: 100,
});

test('a masked domain holds no raw contact data, in no field, id or routing of either index', async () => {
  const drawn = fc.sample(histories, { numRuns: 1, seed: 7 })[0] ?? [];
  const documents = drawn.map((versions, member) =>
    versions.map((sketch, at) => ({
      ...memberOf({
        memberId: String(member + 1),
        version: at + 1,
        profile: sketch.contacts,
        accounts: sketch.accounts,
      }),
      heldKeys: [{ key: `unionId:${sketch.contacts.unionId}`, generation: 1 }],
    })),
  );
  const outcomes = await opened.domain.write(documents.flatMap(eventsOf));
  expect(outcomes.every(({ ok }) => ok)).toBe(true);

  const stored = [...(await contents(opened.members)), ...(await contents(opened.lookups))];
  expect(stored.length).toBeGreaterThan(500);
  const text = JSON.stringify(stored);
  const secrets = drawn
    .flat()
    .flatMap(({ contacts: { phone: number, email, unionId, idCard }, accounts: bound }) => [
      number.slice(1, -2),
      email.slice(0, email.indexOf('@')),
      unionId,
      idCard,
      ...bound.map(([, account]) => account),
    ]);
  // Keys are written in canonical form, which may be another spelling.
  const folded = text.toLowerCase();
  expect(secrets.filter((secret) => folded.includes(secret.toLowerCase()))).toEqual([]);
  expect(text).toContain('"***');
});

test('the same scan finds everything in a domain that holds documents whole', async () => {
  const whole = await openDomain({ holds: 'whole' });
  const secret = { phone: '+491511234567', email: 'bcdfgh@mail.example', unionId: 'jkmnpq', idCard: 'rstvwx' };
  await whole.domain.write(eventsOf([memberOf({ profile: secret, accounts: [['app', 'zzxxcc']] })]));
  const text = JSON.stringify([...(await contents(whole.members)), ...(await contents(whole.lookups))]);
  for (const value of [...Object.values(secret), 'zzxxcc']) expect(text).toContain(value);
  await whole.remove();
});
