import fc from 'fast-check';
import { type MemberDocument, versionOf } from '../../../lambdas/core';
import {
  applyCommand,
  type Command,
  claimKeysOf,
  claimsOf,
  documentOf,
  eventOf,
  holdsClaim,
  MAX_ACCOUNTS,
} from '../../../lambdas/members/changes';
import { encodeBundle } from '../../../lambdas/sync/bundle';

/** Of SQS and SNS. */
const MESSAGE_BYTES = 262_144;

const WRITE = { unit: 'a1', operationId: 'operation' };

function newMember(): MemberDocument {
  return {
    memberId: '42',
    version: versionOf(1, 1),
    status: 'active',
    profile: { name: 'Ada', phone: '+4915112345678' },
    accounts: [],
    registeredAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

const account = fc.record({ platform: fc.constantFrom('app', 'web'), account: fc.constantFrom('x', 'y', 'z') });
const command: fc.Arbitrary<Command> = fc.oneof(
  account.map((named): Command => ({ kind: 'bind', ...named })),
  account.map((named): Command => ({ kind: 'unbind', ...named })),
  fc.constantFrom('+4915112345678', '+33612345678').map((phone): Command => ({ kind: 'patch', patch: { phone } })),
);

/** Applies commands as the writer does, every claim under a generation of its own. */
function live(commands: readonly Command[]) {
  let document = newMember();
  let generation = 0;
  const events: ReturnType<typeof eventOf>[] = [];
  for (const next of commands) {
    const draft = applyCommand(document, next);
    if (draft === undefined) continue;
    const generations = new Map(claimKeysOf(draft).map((key) => [key, ++generation]));
    const after = documentOf(draft, document, { version: document.version + 1, nowMs: 0, generations });
    events.push(eventOf(document, after, WRITE));
    document = after;
  }
  return { document, events };
}

test('what events hold and free adds up to what the document rests on', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      const { document, events } = live(commands);
      const standing = new Set<string>();
      for (const event of events) {
        for (const { key, generation } of event.heldClaims) standing.add(`${key}#${generation}`);
        for (const { key, generation } of event.freedClaims) expect(standing.delete(`${key}#${generation}`)).toBe(true);
      }
      expect([...standing].sort()).toEqual(
        claimsOf(document)
          .map(({ key, generation }) => `${key}#${generation}`)
          .sort(),
      );
    }),
  );
});

test('the close of a member with all the accounts that it may have, of the longest names, fits a message of a queue', () => {
  const binds = Array.from({ length: MAX_ACCOUNTS }, (_, index): Command => {
    const last = String.fromCodePoint(0x1f600 + (index % 80), 0x1f300 + Math.floor(index / 80));
    return { kind: 'bind', platform: 'wechat', account: '\u{1f600}'.repeat(126) + last };
  });
  const { document, events } = live([...binds, { kind: 'close' }]);
  expect(document).toMatchObject({ status: 'closed', accounts: [] });
  expect(events.at(-1)?.freedClaims).toHaveLength(MAX_ACCOUNTS);
  expect(Buffer.byteLength(encodeBundle(events.slice(-1)))).toBeLessThan(MESSAGE_BYTES);
});

test('a binding keeps its generation and its time while it lasts', () => {
  const { document } = live([
    { kind: 'bind', platform: 'app', account: 'x' },
    { kind: 'bind', platform: 'web', account: 'y' },
  ]);
  const { document: later } = live([
    { kind: 'bind', platform: 'app', account: 'x' },
    { kind: 'bind', platform: 'web', account: 'y' },
    { kind: 'patch', patch: { city: 'Kyōto' } },
  ]);
  expect(later.accounts).toEqual(document.accounts);
});

test('race 14: a binding that was given up and made again is another one', () => {
  const bind: Command = { kind: 'bind', platform: 'app', account: 'x' };
  const { document: first } = live([bind]);
  const { document: again } = live([bind, { kind: 'unbind', platform: 'app', account: 'x' }, bind]);
  const [claim] = claimsOf(first);
  expect(claim && holdsClaim(again, claim)).toBe(false);
});

test('commands that change nothing make no version', () => {
  const { document } = live([{ kind: 'bind', platform: 'app', account: 'x' }]);
  expect(applyCommand(document, { kind: 'bind', platform: 'app', account: 'x' })).toBeUndefined();
  expect(applyCommand(document, { kind: 'unbind', platform: 'web', account: 'x' })).toBeUndefined();
  expect(applyCommand(document, { kind: 'patch', patch: {} })).toBeUndefined();
});

test('a closed member holds nothing, is found by nothing, and is closed for good', () => {
  const before = live([{ kind: 'bind', platform: 'app', account: 'x' }]).document;
  const draft = applyCommand(before, { kind: 'close' });
  if (draft === undefined) throw new Error('an active member can be closed');
  const closed = documentOf(draft, before, { version: before.version + 1, nowMs: 0, generations: new Map() });
  const event = eventOf(before, closed, WRITE);
  expect(event.freedClaims).toEqual(claimsOf(before));
  expect(event.removedKeys).toEqual([
    { kind: 'phone', value: '+4915112345678' },
    { kind: 'account:app', value: 'x' },
  ]);
  expect(applyCommand(closed, { kind: 'close' })).toBeUndefined();
  expect(() => applyCommand(closed, { kind: 'bind', platform: 'app', account: 'x' })).toThrow('closed');
});

test('race 52: only the generation that a claim no longer names is dropped', () => {
  const { document } = live([{ kind: 'bind', platform: 'app', account: 'x' }]);
  const [claim] = claimsOf(document);
  if (claim === undefined) throw new Error('the account is bound');
  expect(
    applyCommand(document, { kind: 'drop', claim: { ...claim, generation: claim.generation + 1 } }),
  ).toBeUndefined();
  expect(applyCommand(document, { kind: 'drop', claim })?.accounts).toEqual([]);
});
