import fc from 'fast-check';
import { isProblem } from '../../../lambdas/core';
import { openapiText } from '../../../lambdas/handlers/http';
import { readIfMatch, readMinVersion } from '../../../lambdas/members/schema';
import { ROUTES, TRAFFIC_CLASSES } from '../../../topology';

interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { examples?: object }> }> }>
  >;
  components: {
    parameters: Record<string, { schema: { pattern?: string; enum?: string[] } }>;
    schemas: { Registration: { properties: { accounts: { uniqueItems?: boolean } } } };
  };
}

const { paths, components } = JSON.parse(openapiText()) as Document;

const isRead = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch (error) {
    if (isProblem(error, 'INVALID_REQUEST')) return false;
    throw error;
  }
};

test.each([
  ['MinVersion', (text: string) => readMinVersion({ 'min-version': text })],
  ['IfMatch', (text: string) => readIfMatch({ 'if-match': text })],
] as const)('%s takes what the document says, and nothing else', (name, read) => {
  const pattern = new RegExp(components.parameters[name]?.schema.pattern ?? '(?!)', 'u');
  // Versions of 16 digits are bounded by 2^53 as well, which no pattern says.
  const digits = fc.stringMatching(/^[0-9]{0,15}$/);
  const quote = fc.constantFrom('', '"', 'W/"', "'");
  const text = fc.oneof(
    fc.tuple(quote, digits, quote).map((parts) => parts.join('')),
    fc.constantFrom('*', '"*"', '', '"', '""', '0', '"0"', '00', '-1', '1,2', '"1","2"'),
  );
  fc.assert(
    fc.property(text, (value) => expect([value, isRead(() => read(value))]).toEqual([value, pattern.test(value)])),
  );
});

test('a call that some class does not know says that it may not be there', () => {
  for (const { path, method, classes } of ROUTES) {
    const listed = paths[path]?.[method.toLowerCase()]?.responses['404']?.content?.['application/problem+json'];
    const isListed = Object.hasOwn(listed?.examples ?? {}, 'NO_SUCH_ROUTE');
    expect([path, isListed]).toEqual([path, classes.length < TRAFFIC_CLASSES.length]);
  }
});

test('what is ignored or refused is described so', () => {
  expect(components.parameters.deep?.schema.enum).toBeUndefined();
  expect(components.schemas.Registration.properties.accounts.uniqueItems).toBe(true);
});
