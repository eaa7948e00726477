import * as z from 'zod/mini';
import { DEGRADABLE_FEATURES, DOMAIN_NAMES, REGIONS, SYNC_TARGETS, TRAFFIC_CLASSES, UNITS } from '../../topology';
import type { FlowRule } from '../core';
import { complaintOf } from './complaint';
import { denials, flowRules, MODES, reasonsAgainstOwnRules } from './flow-rules';

/** A standard parameter holds no more. */
const MAX_BYTES = 4096;
const MAX_WEIGHT = 1000;

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

function hotAccounts() {
  const ratePerS = count(1_000_000);
  return z.strictObject({ mode: z.enum(MODES), readsPerS: ratePerS, writesPerS: ratePerS });
}

export type HotAccountLimits = z.infer<ReturnType<typeof hotAccounts>>;
export type UnitRequest = z.infer<ReturnType<typeof unitRequest>>;

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
    ['traffic/hot-accounts', hotAccounts()],
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
export type ReadValue<T = unknown> =
  | { readonly ok: true; readonly value: T }
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
  return readBy(schema, given);
}

/** What is given as the rules that stand with a caller, or why they may not. */
export function readOwnRules(callerId: string, given: unknown): ReadValue<readonly FlowRule[]> {
  const read = readBy(flowRules(), given);
  if (!read.ok) return read;
  const reasons = reasonsAgainstOwnRules(callerId, read.value).filter((reason) => reason !== undefined);
  return reasons.length === 0 ? read : { ok: false, reasons };
}

function readBy<T>(schema: z.ZodMiniType<T>, given: unknown): ReadValue<T> {
  const parsed = schema.safeParse(given, { error: complaintOf });
  if (parsed.success) return { ok: true, value: parsed.data };
  return refused(...parsed.error.issues.map(({ path, message }) => `${placeOf(path)}${message}.`));
}

function refused(...reasons: string[]): { readonly ok: false; readonly reasons: readonly string[] } {
  return { ok: false, reasons };
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'It ' : `At ${path.map(String).join('.')}: `;
}
