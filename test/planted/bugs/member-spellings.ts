import type { PlantedBug } from '../bug';

const SPELLINGS = 'test/unit/schema/account.test.ts';

/** One spelling for each key. */
export const MEMBER_SPELLING_BUGS: readonly PlantedBug[] = [
  {
    name: 'claims-taken-under-their-raw-spelling',
    races: [13],
    file: 'lambdas/members/schema/account.ts',
    from: "const composed = account.normalize('NFC');",
    to: 'const composed = account;',
    caughtBy: { file: SPELLINGS, test: 'race 13: is one for composed and decomposed spellings' },
  },
  {
    name: 'case-kept-where-the-platform-ignores-it',
    races: [13],
    file: 'lambdas/members/schema/account.ts',
    from: "composed.toLowerCase().normalize('NFC') : composed;",
    to: 'composed : composed;',
    caughtBy: { file: SPELLINGS, test: 'race 13: ignores case where the platform does' },
  },
  {
    name: 'lower-case-left-decomposed',
    races: [13],
    file: 'lambdas/members/schema/account.ts',
    from: "composed.toLowerCase().normalize('NFC') : composed;",
    to: 'composed.toLowerCase() : composed;',
    caughtBy: { file: SPELLINGS, test: 'race 13: ignores case where the platform does' },
  },
  {
    name: 'canonical-form-in-paths-only',
    races: [13],
    file: 'lambdas/members/schema/account.ts',
    from: "if (!('path' in result)) payload.value = result;",
    to: "if (!('path' in result)) return;",
    caughtBy: { file: SPELLINGS, test: 'race 13: is the same in a body as in a path' },
  },
  {
    name: 'profile-keys-looked-up-as-they-are-spelled',
    races: [13],
    file: 'lambdas/members/schema/lookup.ts',
    from: 'return { kind, value: canonicalProfileKey(kind, stored) };',
    to: 'return { kind, value: stored };',
    caughtBy: { file: SPELLINGS, test: 'race 13: a profile key is looked up under the form that it is stored under' },
  },
];
