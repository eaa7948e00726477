import * as z from 'zod/mini';
import {
  DEGRADABLE_FEATURES,
  DOMAIN_NAMES,
  OPERATIONS,
  REGIONS,
  SYNC_TARGETS,
  TRAFFIC_CLASSES,
  UNITS,
} from '../../topology';

/** A standard parameter holds no more. */
const MAX_BYTES = 4096;
const MAX_WEIGHT = 1000;
const MAX_ENTRIES = 100;
const MAX_RATE_PER_S = 1_000_000;

const MODES = ['off', 'dry-run', 'on'] as const;

const count = (most: number) => z.int().check(z.minimum(1), z.maximum(most));

function unitRequest() {
  return z.strictObject({ writer: z.enum(REGIONS), mode: z.enum(['database', 'read-only', 'fallback']) });
}

function cacheMode() {
  return z.strictObject({ mode: z.enum(['on', 'off']), generation: count(Number.MAX_SAFE_INTEGER) });
}

function openUnits() {
  const weight = z.int().check(z.minimum(0), z.maximum(MAX_WEIGHT));
  return z.array(z.strictObject({ unit: z.enum(UNITS.map(({ name }) => name)), weight }));
}

function match() {
  return z.strictObject({
    caller: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
    class: z.optional(z.enum(TRAFFIC_CLASSES)),
    operation: z.optional(z.enum(OPERATIONS)),
  });
}

function flowRules() {
  const rule = z.strictObject({
    id: z.string().check(z.minLength(1), z.maxLength(64)),
    match: match(),
    algorithm: z.enum(['counter', 'sliding-window', 'leaky-bucket', 'token-bucket']),
    ratePerS: z.number().check(z.positive(), z.maximum(MAX_RATE_PER_S)),
    burst: z.optional(count(MAX_RATE_PER_S)),
    mode: z.enum(MODES),
  });
  return z.array(rule).check(z.maxLength(MAX_ENTRIES));
}

function denials() {
  const denial = z.strictObject({ match: match(), reason: z.string().check(z.minLength(1), z.maxLength(200)) });
  return z.array(denial).check(z.maxLength(MAX_ENTRIES));
}

export type UnitRequest = z.infer<ReturnType<typeof unitRequest>>;
export type FlowRule = z.infer<ReturnType<typeof flowRules>>[number];
export type Denial = z.infer<ReturnType<typeof denials>>[number];

function makeSchemas(): Record<string, z.ZodMiniType> {
  const forEach = (folder: string, names: readonly string[], schema: z.ZodMiniType) =>
    names.map((name) => [`${folder}/${name}`, schema] as const);
  const named = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);
  return Object.fromEntries([
    ['failover/auto', z.enum(MODES)],
    ...forEach('search', TRAFFIC_CLASSES, z.array(z.enum(DOMAIN_NAMES))),
    ...forEach('units', named(UNITS), unitRequest()),
    ...forEach('cache', REGIONS, cacheMode()),
    ['ids/open', openUnits()],
    ...forEach('regions', REGIONS, z.enum(['active', 'draining', 'fenced'])),
    ...forEach('sync', named(SYNC_TARGETS), z.enum(['on', 'paused'])),
    ['traffic/rules', flowRules()],
    ['traffic/deny', denials()],
    ...forEach('degrade', DEGRADABLE_FEATURES, z.enum(MODES)),
  ]);
}

let schemas: Readonly<Record<string, z.ZodMiniType>> | undefined;

/** What a switch may be turned to, as far as that depends on nothing else; made when first asked for. */
function schemaOf(name: string): z.ZodMiniType | undefined {
  schemas ??= makeSchemas();
  return schemas[name];
}

/** What a parameter's text says, or why it says nothing that the switch understands. */
export type ReadValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reasons: readonly string[] };

export function readValue(name: string, text: string): ReadValue {
  const schema = schemaOf(name);
  if (schema === undefined) return refused('There is no such switch.');
  if (Buffer.byteLength(text) > MAX_BYTES) return refused(`It is longer than ${MAX_BYTES} bytes.`);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return refused('It is not JSON.');
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ok: true, value: parsed.data };
  return refused(...parsed.error.issues.map(({ path, message }) => `${placeOf(path)}${message}.`));
}

function refused(...reasons: string[]): ReadValue {
  return { ok: false, reasons };
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `At ${path.map(String).join('.')}: `;
}
