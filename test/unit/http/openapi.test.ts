import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import fc from 'fast-check';
import { ERRORS, type ErrorCode, isProblem, type MemberDocument, Problem } from '../../../lambdas/core';
import { openapiText, problemAnswer, readTrace } from '../../../lambdas/handlers/http';
import { parseBatch, parsePatch, parseRegistration, parseSearch, publicJson } from '../../../lambdas/members/schema';
import { errorsOf, openapiDocument } from '../../../scripts/openapi/document';
import { WITHOUT_CALL } from '../../../scripts/openapi/operations';
import { ROUTES } from '../../../topology';

const ROOT = join(__dirname, '../../..');
const FILE = join(ROOT, 'lambdas/handlers/http/openapi.json');
const NOW_MS = Date.UTC(2025, 5, 15);

/** The document as it is read, with the parts that these tests look at. */
interface Document {
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, object>; examples: Record<string, { value: unknown }> };
}
interface OperationObject {
  operationId: string;
  security?: object[];
  parameters?: { $ref: string }[];
  requestBody?: { content: Record<string, { schema: { $ref: string }; example: unknown }> };
  responses: Record<
    string,
    { content?: Record<string, { schema: { $ref: string }; example?: unknown; examples?: object }> }
  >;
}

const document = JSON.parse(openapiText()) as Document;
const operations = ROUTES.map((route) => {
  const operation = document.paths[route.path]?.[route.method.toLowerCase()];
  if (operation === undefined) throw new Error(`${route.operation} is not in the document`);
  return { route, operation };
});

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'openapi', components: document.components });
const fits = (name: string, value: unknown) => ajv.getSchema(`openapi#/components/schemas/${name}`)?.(value);
const nameOf = ({ $ref }: { $ref: string }) => $ref.split('/').at(-1) ?? '';

test('the committed document is what the schemas and routes make (npm run openapi)', () => {
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(JSON.stringify(openapiDocument())));
});

test('the document is valid OpenAPI 3.1', () => {
  // The validator is an ES module, which jest does not load.
  const code = `
    import { Validator } from '@seriousme/openapi-schema-validator';
    const validator = new Validator();
    const result = await validator.validate(${JSON.stringify(FILE)});
    console.log(JSON.stringify({ ...result, version: validator.version }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual({ valid: true, version: '3.1' });
});

test('the document has every call, and no other', () => {
  expect(operations.map(({ route, operation }) => [route.operation, operation.operationId])).toEqual(
    ROUTES.map(({ operation }) => [operation, operation]),
  );
  const listed = Object.values(document.paths).flatMap((path) => Object.keys(path));
  expect(listed).toHaveLength(ROUTES.length);
});

test('every reference leads somewhere', () => {
  for (const [, reference] of openapiText().matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = (reference ?? '')
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
    expect([reference, typeof found]).toEqual([reference, 'object']);
  }
});

test('every parameter of a path is described', () => {
  for (const { route, operation } of operations) {
    const described = (operation.parameters ?? []).map(nameOf);
    for (const [, name] of route.path.matchAll(/{(\w+)}/g)) expect(described).toContain(name);
  }
});

test('what needs no key says so', () => {
  for (const { route, operation } of operations) expect(operation.security !== undefined).toBe(route.open === true);
});

describe('errors', () => {
  test('each call lists its codes under their status', () => {
    for (const { route, operation } of operations) {
      const listed = Object.entries(operation.responses).flatMap(([status, { content }]) =>
        Object.keys(content?.['application/problem+json']?.examples ?? {}).map((code) => [code, Number(status)]),
      );
      const expected = errorsOf(route).map((code) => [code, ERRORS[code].status]);
      expect(listed.sort()).toEqual(expected.sort());
    }
  });

  test('every code of ours belongs to a call, or to what is no call', () => {
    const listed = new Set([...ROUTES.flatMap(errorsOf), ...WITHOUT_CALL]);
    expect([...listed].sort()).toEqual(Object.keys(ERRORS).sort());
    expect(Object.keys(document.components.examples).sort()).toEqual(Object.keys(ERRORS).sort());
  });

  test('docs/errors.md has the same codes and status, and says what to do', () => {
    const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (\S.+) \| (\S.+) \|$/gm)];
    expect(rows.map(([, code, status]) => [code, Number(status)])).toEqual(
      Object.entries(ERRORS).map(([code, { status }]) => [code, status]),
    );
    expect(text.match(/^\| `/gm)).toHaveLength(rows.length);
  });

  test.each(Object.keys(ERRORS) as ErrorCode[])('%s is answered as the document describes it', (code) => {
    expect(fits('Problem', document.components.examples[code]?.value)).toBe(true);
    const details = { detail: 'x', rule: 'r', retryAfterMs: 5, errors: [{ path: 'a', message: 'b' }] };
    for (const problem of [new Problem(code), new Problem(code, details)]) {
      expect(fits('Problem', JSON.parse(problemAnswer(problem, readTrace({})).body))).toBe(true);
    }
  });

  test('a code that is not ours does not fit', () => {
    const example = document.components.examples.INTERNAL?.value as object;
    expect(fits('Problem', { ...example, code: 'OTHER' })).toBe(false);
  });
});

describe('examples', () => {
  const parsers: Record<string, (body: unknown) => unknown> = {
    Registration: (body) => parseRegistration(body, NOW_MS),
    ProfilePatch: (body) => parsePatch(body, NOW_MS),
    Batch: parseBatch,
    Search: parseSearch,
  };

  test('of requests are read, and fit their schema', () => {
    const bodies = operations.flatMap(({ operation }) => Object.values(operation.requestBody?.content ?? {}));
    expect(bodies.length).toBeGreaterThanOrEqual(4);
    for (const { schema, example } of bodies) {
      expect(parsers[nameOf(schema)]?.(example)).toBeDefined();
      expect(fits(nameOf(schema), example)).toBe(true);
    }
  });

  test('of answers fit their schema', () => {
    const answers = operations.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap(({ content }) => content?.['application/json'] ?? []),
    );
    for (const { schema, example } of answers)
      if (example !== undefined) expect(fits(nameOf(schema), example)).toBe(true);
  });

  test('a member is answered as the document describes it', () => {
    const member: MemberDocument = {
      memberId: '1',
      version: 1,
      status: 'active',
      profile: { name: 'A', phone: '+351912345678', tags: [], marketingConsent: false, tier: 'basic' },
      accounts: [{ platform: 'app', account: 'a', boundAt: '2025-01-01T00:00:00.000Z', generation: 1 }],
      registeredAt: '2025-01-01T00:00:00.000Z',
      updatedAt: '2025-01-01T00:00:00.000Z',
    };
    expect(fits('Member', JSON.parse(publicJson(member)))).toBe(true);
    expect(fits('Member', { ...JSON.parse(publicJson(member)), version: 1 })).toBe(false);
  });

  test.each(Object.keys(parsers))('whatever is read as a %s fits its schema', (name) => {
    const example = operations
      .flatMap(({ operation }) => Object.values(operation.requestBody?.content ?? {}))
      .find(({ schema }) => nameOf(schema) === name)?.example;
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        '+351912345678',
        'a@b.co',
        '1985-12-10',
        'pt-BR',
        'gold',
        '1',
        '-registeredAt',
        [],
        [''],
        ['1'],
        50,
        201,
        true,
        null,
      ),
    );
    const key = fc.constantFrom(
      ...[
        'profile',
        'accounts',
        'name',
        'phone',
        'email',
        'idCard',
        'birthDate',
        'locale',
        'tier',
        'tags',
        'ids',
        'filter',
        'sort',
        'limit',
      ],
    );
    let read = 0;
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 3 }), fc.boolean(), (fields, isNested) => {
        const given = example as { profile?: object; filter?: object };
        const inner = given.profile === undefined ? 'filter' : 'profile';
        const body = isNested ? { ...given, [inner]: { ...given[inner], ...fields } } : { ...given, ...fields };
        try {
          parsers[name]?.(body);
        } catch (error) {
          expect(isProblem(error, 'INVALID_REQUEST')).toBe(true);
          return;
        }
        read += 1;
        expect(fits(name, body)).toBe(true);
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(20);
  });
});
