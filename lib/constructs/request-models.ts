import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonSchema, JsonSchemaType } from 'aws-cdk-lib/aws-apigateway';
import type { Operation } from '../../topology';

interface Described {
  readonly operationId: Operation;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Schema {
  readonly $ref?: string;
  readonly required?: readonly string[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const DOCUMENT = join(__dirname, '..', '..', 'lambdas', 'handlers', 'http', 'openapi.json');

/** A body that a call takes: what it may be declared as, and what of it the gateway looks at. */
export interface RequestModel {
  readonly mediaTypes: readonly string[];
  readonly schema: JsonSchema;
}

/**
 * What the gateway refuses before it costs an invocation: a body that is no JSON object, or lacks a field that the
 * document of the API requires. Everything else is said better, and in one place, by the function.
 */
export function requestModels(): ReadonlyMap<Operation, RequestModel> {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Document;
  const described = Object.values(document.paths).flatMap((path) => Object.values(path));
  return new Map(
    described.flatMap(({ operationId, requestBody }) => {
      if (requestBody === undefined) return [];
      const [{ schema } = { schema: {} }] = Object.values(requestBody.content);
      const { required = [] } = resolved(schema, document);
      const model = { type: JsonSchemaType.OBJECT, ...(required.length > 0 ? { required: [...required] } : {}) };
      return [[operationId, { mediaTypes: Object.keys(requestBody.content), schema: model }] as const];
    }),
  );
}

function resolved(schema: Schema, { components }: Document): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (components.schemas[name] ?? {});
}
