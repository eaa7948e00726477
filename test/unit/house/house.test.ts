import { join } from 'node:path';
import {
  CHECKS,
  checkHouse,
  describe as describeViolation,
  type HouseFile,
  type Violation,
} from '../../../scripts/house';
import { readRepository } from '../../../scripts/house/repository';

const file = (path: string, text: string): HouseFile => ({ path, text });

/** A small house in which every rule is kept. */
const HOUSE: readonly HouseFile[] = [
  file(
    'docs/architecture.md',
    [
      '# Rooms',
      '| Room | Step | May import |',
      '|---|---|---|',
      '| `core` | under every other | - |',
      '| `cache` | read-through | `core` |',
      '| `shards` | rows (MySQL) | those before, not `cache` |',
      '| `members` | commands | all before |',
      '| `handlers` | triggers | every room |',
      '',
      'See [the table](#rooms) and [the code](../lambdas/).',
    ].join('\n'),
  ),
  file('topology/index.ts', "export * from './regions';\n"),
  file('topology/regions.ts', "export const REGIONS = ['A', 'B'];\n"),
  file('lambdas/core/index.ts', "/** Step 0: time. */\nexport * from './clock';\n"),
  file('lambdas/core/clock.ts', 'export const clock = { now: () => Date.now(), passed: () => performance.now() };\n'),
  file(
    'lambdas/cache/index.ts',
    "/** Step 2: the cache. */\nimport Redis from 'ioredis';\nimport { clock } from '../core';\nexport const at = new Date(clock.now());\n",
  ),
  file(
    'lambdas/shards/index.ts',
    "/** Step 3: rows. */\nimport mysql from 'mysql2/promise';\nimport { REGIONS } from '../../topology';\n",
  ),
  file(
    'lambdas/members/index.ts',
    "/** Step 4: members. */\nexport * from './schema';\nimport '../cache';\nimport '../shards/index';\n",
  ),
  file('lambdas/members/schema/index.ts', '/** What callers send. */\nexport const schema = 1;\n'),
  file('lambdas/handlers/members.ts', "import { schema } from '../members';\n"),
  file('local/gateway.ts', "import { clock } from '../lambdas/core';\nconst now = Date.now();\n"),
];

/** What is found once a file is added, or put in place of the one that is there. */
function found(...planted: HouseFile[]): string[] {
  const paths = new Set(planted.map(({ path }) => path));
  return checkHouse([...HOUSE.filter(({ path }) => !paths.has(path)), ...planted]).map(describeViolation);
}

const ROOT = join(__dirname, '../../..');

test('the repository keeps the rules of its house', () => {
  expect(checkHouse(readRepository(ROOT)).map(describeViolation)).toEqual([]);
});

test('the small house keeps them too', () => {
  expect(found()).toEqual([]);
});

test('every check finds something among what is planted here', () => {
  const planted = [
    file('lambdas/core/common.ts', "import '../cache';\nimport 'ioredis';\nconst now = Date.now();\n"),
    file('lambdas/empty/rows.ts', `${'\n'.repeat(301)}`),
    file('docs/a.md', '[b](b.md)'),
  ];
  const finds = (check: (files: readonly HouseFile[]) => Violation[]) => check([...HOUSE, ...planted]).length > 0;
  expect(Object.entries(CHECKS).filter(([, check]) => !finds(check))).toEqual([]);
});

test('a file that cannot be read is named', () => {
  expect(() => found(file('lambdas/core/broken.ts', '/** no end'))).toThrow('lambdas/core/broken.ts is no TypeScript');
});

describe('imports between rooms', () => {
  test.each<[string, string, string]>([
    ['lambdas/core/log.ts', "import { x } from '../cache';", 'core must not import cache'],
    ['lambdas/core/log.ts', "import type { X } from '../cache';", 'core must not import cache'],
    ['lambdas/core/log.ts', "export * from '../cache';", 'core must not import cache'],
    ['lambdas/core/log.ts', "export { x } from '../cache';", 'core must not import cache'],
    ['lambdas/core/log.ts', "const x = await import('../cache');", 'core must not import cache'],
    ['lambdas/core/log.ts', "const x = require('../cache');", 'core must not import cache'],
    ['lambdas/core/log.ts', "type X = import('../cache').X;", 'core must not import cache'],
    ['lambdas/core/log.ts', "import x = require('../cache');", 'core must not import cache'],
    ['lambdas/shards/rows.ts', "import '../cache';", 'shards must not import cache'],
    ['lambdas/members/schema/deep.ts', "import '../../handlers/members';", 'members must not import handlers'],
    ['lambdas/handlers/x.ts', "import '../members/schema';", 'the room members is entered by its index.ts'],
    ['lambdas/cache/x.ts', "import '../core/clock';", 'the room core is entered by its index.ts'],
    ['local/x.ts', "import '../lambdas/core/clock';", 'the room core is entered by its index.ts'],
    ['cli/x/y.ts', "import '../../lambdas/core/clock';", 'the room core is entered by its index.ts'],
    [
      'lambdas/attic/index.ts',
      "/** A room. */\nimport '../core';",
      'the room attic is not in the table of docs/architecture.md',
    ],
    ['topology/x.ts', "import '../lambdas/core';", 'topology is plain data: it imports nothing'],
    ['topology/x.ts', "import type { X } from '../local/gateway';", 'topology is plain data: it imports nothing'],
    ['lambdas/core/x.ts', "import '../../local/gateway';", 'lambdas/ must not import local/'],
    ['lambdas/core/x.ts', "import '../../topology/regions';", 'topology is entered by its index.ts'],
    ['local/x.ts', "import '../topology/regions';", 'topology is entered by its index.ts'],
    ['lib/stack.ts', "import './configuration/read';", 'the room configuration is entered by its index.ts'],
    ['bin/app.ts', "import '../lib/plan/prices';", 'the room plan is entered by its index.ts'],
    ['local/x.ts', "import '../lib/system';", 'local/ must not import lib/'],
  ])('%s: %s', (path, text, message) => {
    const [violation, ...others] = found(file(path, text));
    expect(violation).toContain(`${path}:${text.split('\n').length}  ${message}`);
    expect(others).toEqual([]);
  });

  test('in comments and strings are none', () => {
    expect(found(file('lambdas/core/log.ts', "// import '../cache';\nconst x = \"import '../cache'\";\n"))).toEqual([]);
  });

  test('are read from the table, so that a changed table changes them', () => {
    const table = file(
      'docs/architecture.md',
      '| `core` | x | - |\n| `cache` | x | - |\n| `shards` | x | `core` |\n| `members` | x | all before |\n| `handlers` | x | every room |',
    );
    expect(found(table)).toEqual([
      'lambdas/cache/index.ts:3  cache must not import core: see the table of docs/architecture.md',
    ]);
  });

  test('cannot be checked against a table that is missing or unclear', () => {
    expect(() => found(file('docs/architecture.md', 'nothing'))).toThrow('has no table of rooms');
    expect(() => found(file('docs/architecture.md', '| `core` | x | whatever it likes |'))).toThrow(
      'does not understand',
    );
  });
});

test.each([
  ['lambdas/shards/x.ts', 'ioredis', 'lambdas/cache/'],
  ['lambdas/cache/x.ts', 'mysql2', 'lambdas/shards/'],
  ['lambdas/cache/x.ts', 'mysql2/promise', 'lambdas/shards/'],
  ['lambdas/shards/x.ts', '@aws-sdk/client-dynamodb', 'lambdas/arbiter/'],
  ['lambdas/shards/x.ts', '@aws-sdk/util-dynamodb', 'lambdas/arbiter/'],
  ['lambdas/shards/x.ts', '@opensearch-project/opensearch', 'lambdas/search/'],
  ['lambdas/shards/x.ts', '@opensearch-project/opensearch/aws', 'lambdas/search/'],
  ['lambdas/members/x.ts', '@aws-sdk/client-sns', 'lambdas/sync/'],
  ['lambdas/members/x.ts', '@aws-sdk/client-sqs', 'lambdas/sync/'],
  ['lambdas/members/x.ts', '@aws-sdk/client-ssm', 'lambdas/configuration/ and lambdas/switches/'],
  ['lambdas/members/x.ts', '@aws-sdk/client-secrets-manager', 'lambdas/configuration/'],
  [
    'lambdas/handlers/members.ts',
    '@aws-sdk/client-lambda',
    'lambdas/handlers/forward.ts and lambdas/sync/event-sources.ts',
  ],
])('a client library has one importer: %s must not import %s', (path, library, owner) => {
  const name = library
    .split('/')
    .slice(0, library.startsWith('@') ? 2 : 1)
    .join('/');
  expect(found(file(path, `import type { X } from '${library}';`))).toEqual([
    `${path}:1  ${name} is imported by ${owner} only`,
  ]);
});

test('a client of two stores has two importers', () => {
  const text = (room: string) =>
    `/** A step. */\nimport type { X } from '@aws-sdk/client-ssm';\nexport type Y = X | '${room}';\n`;
  expect(found(file('lambdas/core/x.ts', text('core')))).toHaveLength(1);
  for (const room of ['configuration', 'switches'])
    expect(found(file(`lambdas/${room}/index.ts`, text(room)))).toEqual([]);
});

test('a client library for which no room is named is found', () => {
  expect(found(file('lambdas/members/x.ts', "import '@aws-sdk/client-s3';"))).toEqual([
    'lambdas/members/x.ts:1  no room is named for @aws-sdk/client-s3: add it to scripts/house/imports.ts',
  ]);
});

describe('time and chance', () => {
  test.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'performance.now()',
    'process.hrtime()',
    'process.hrtime.bigint()',
    'Math.random()',
    '[1].map(Math.random)',
  ])('%s is not asked of the machine', (text) => {
    const [violation, ...others] = found(file('lambdas/cache/x.ts', `// é\nconst x =\n  ${text};\n`));
    expect(violation).toMatch(/^lambdas\/cache\/x\.ts:3 {2}/);
    expect(others).toEqual([]);
  });

  test('a moment that is given is no question, nor is a name of one’s own', () => {
    expect(
      found(file('lambdas/cache/x.ts', 'const x = [new Date(5), Date.UTC(2025, 1), clock.now(), dice.random()];')),
    ).toEqual([]);
    expect(found(file('lambdas/cache/x.ts', '// Date.now()\nconst x = "Math.random()";'))).toEqual([]);
  });

  test('an exception counts for what it names, and goes when it is not needed', () => {
    expect(found(file('lambdas/core/clock.ts', 'Date.now();\nperformance.now();\nMath.random();\n'))).toEqual([
      'lambdas/core/clock.ts:3  Math.random: take randomness from node:crypto, or have it injected',
    ]);
    expect(found(file('lambdas/core/clock.ts', 'Date.now();\n'))).toEqual([
      'lambdas/core/clock.ts  the exception for performance.now is not needed any more',
    ]);
  });
});

describe('names', () => {
  test.each([
    ['lambdas/cache/string-utils.ts', ''],
    ['lambdas/cache/Util.ts', ''],
    ['cli/common/x.ts', ''],
    ['test/unit/helpers/x.ts', ''],
    ['scripts/manager.mjs', ''],
    ['local/x.ts', 'class CacheManager {}'],
    ['local/x.ts', 'function testHelper() {}'],
    ['local/x.ts', 'interface CommonParts {}'],
    ['local/x.ts', 'type Utils = string;'],
    ['local/x.ts', 'const COMMON_HEADERS = 1;'],
    ['local/x.ts', 'class X { manager = 1; }'],
    ['local/x.ts', 'class X { helper() {} }'],
    ['local/x.ts', 'enum Common { A }'],
  ])('%s: %s', (path, text) => {
    expect(found(file(path, text))).toHaveLength(1);
  });

  test('that merely contain such a word are none', () => {
    expect(
      found(file('local/communal.ts', "import * as util from 'node:util';\nconst utilisation = 1, commons = 2;\n")),
    ).toEqual([]);
  });
});

test('a file has at most 300 lines, unless it was generated', () => {
  expect(found(file('test/x.ts', '\n'.repeat(300)), file('lambdas/handlers/x.json', '\n'.repeat(999)))).toEqual([]);
  expect(found(file('test/x.ts', '\n'.repeat(301)))).toEqual(['test/x.ts  301 lines; a file has at most 300']);
  expect(found(file('scripts/x.mjs', `${'\n'.repeat(300)}x`))).toEqual([
    'scripts/x.mjs  301 lines; a file has at most 300',
  ]);
});

describe('a room', () => {
  test('has an entrance', () => {
    const table = HOUSE[0]?.text.replace('| `core`', '| `attic` | x | - |\n| `core`') ?? '';
    expect(found(file('docs/architecture.md', table), file('lambdas/attic/rows.ts', ''))).toEqual([
      'lambdas/attic/index.ts  the room attic has no entrance',
    ]);
  });

  test.each(["export * from './clock';", '// Step 0.', '/**\n * Step 0. */', '/** */', ''])(
    'says in one line which step it is, not %j',
    (text) => {
      expect(found(file('lambdas/core/index.ts', text))[0]).toMatch(
        /^lambdas\/core\/index\.ts:1 {2}the first line must be/,
      );
    },
  );
});

describe('links', () => {
  const DOCUMENT = 'docs/a.md';

  test.each([
    '[x](b.md)',
    '[x](../docs/missing/)',
    '[x](/docs/architecture.md)',
    '[x](architecture.md#missing)',
    '[x](#missing)',
    '[x](../lambdas/core/clock)',
    '![x](picture.png)',
  ])('%s leads nowhere', (text) => {
    expect(found(file(DOCUMENT, `# A\n\n${text}\n`))).toEqual([
      expect.stringMatching(/^docs\/a\.md:3 {2}the link .* (leads nowhere|names no heading)/),
    ]);
  });

  test('to files, folders, headings and other hosts are taken', () => {
    const text = [
      '# A heading, with `code`!',
      '[a](architecture.md) [b](architecture.md#rooms) [c](../lambdas/core/clock.ts) [d](../lambdas) [e](../lambdas/core/)',
      '[f](#a-heading-with-code) [g](https://example.com/x) [h](mailto:a@b.co) [i](../topology/index.ts "title")',
      '`[j](nowhere.md)`',
      '```',
      '[k](nowhere.md)',
      '```',
    ];
    expect(found(file(DOCUMENT, text.join('\n')))).toEqual([]);
  });
});
