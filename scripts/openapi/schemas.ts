import * as z from 'zod/mini';
import { ERRORS } from '../../lambdas/core';
import {
  accountSchema,
  batchSchema,
  patchSchema,
  profileSchema,
  registrationSchema,
  searchSchema,
} from '../../lambdas/members/schema';
import * as answers from './answers';

/** What callers send, by its name in the document. */
const REQUESTS = {
  Profile: profileSchema,
  ProfilePatch: patchSchema,
  Account: accountSchema,
  Registration: registrationSchema,
  Batch: batchSchema,
  Search: searchSchema,
} as const;

/** What they are answered. */
const ANSWERS = {
  MemberProfile: answers.memberProfile,
  BoundAccount: answers.boundAccount,
  Member: answers.member,
  MemberList: answers.memberList,
  BatchAnswer: answers.batchAnswer,
  SearchAnswer: answers.searchAnswer,
  Health: answers.health,
  Problem: answers.problem,
} as const;

export type SchemaName = keyof typeof REQUESTS | keyof typeof ANSWERS;
export type JsonSchema = Readonly<Record<string, unknown>>;

const refTo = (name: string): string => `#/components/schemas/${name}`;

export function reference(name: SchemaName): JsonSchema {
  return { $ref: refTo(name) };
}

/** The schemas of the document, made from those that read and describe. */
export function componentSchemas(): Record<string, JsonSchema> {
  const schemas = { ...jsonSchemasOf(REQUESTS, 'input'), ...jsonSchemasOf(ANSWERS, 'output') };
  const { properties, ...problem } = schemas.Problem as { properties: Record<string, object> };
  return {
    ...schemas,
    Problem: { ...problem, properties: { ...properties, code: { type: 'string', enum: Object.keys(ERRORS) } } },
  };
}

/** A schema that stands in a parameter. */
export function inlineSchema(schema: z.ZodMiniType): JsonSchema {
  return withoutDialect(z.toJSONSchema(schema, { io: 'input' }));
}

function jsonSchemasOf(schemas: Readonly<Record<string, z.ZodMiniType>>, io: 'input' | 'output') {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const generated = z.toJSONSchema(registry, { io, uri: refTo }).schemas;
  return Object.fromEntries(Object.entries(generated).map(([id, schema]) => [id, withoutDialect(schema)]));
}

/** The dialect is that of the document, and a schema's name is its key. */
function withoutDialect({ $schema: _, $id: __, ...schema }: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema)) as JsonSchema;
}
