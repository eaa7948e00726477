import { existsSync, readFileSync } from 'node:fs';
import { adviceFor } from './advice';
import { type StageConfiguration, stageSchema } from './schema';
import { STAGES, type StageName } from './stages';

/** Says everything that is wrong with what somebody wrote, for whoever wrote it. */
export class WrongConfiguration extends Error {
  constructor(what: string, reasons: readonly string[]) {
    super(`${what}:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
    this.name = 'WrongConfiguration';
  }
}

function wrongStage(stage: string, reasons: readonly string[]): WrongConfiguration {
  return new WrongConfiguration(`Stage ${stage} can't be deployed as it is`, reasons);
}

const DEFAULT_STAGE: StageName = 'small';

/**
 * A stage by its name, or from the user's file: JSON, which says in `extends` which named stage it changes, then its own
 * name and what else is different. Lists are taken as they are.
 *
 * @param stage `small`, `large`, or the path of a file
 * @throws WrongConfiguration with every value that is wrong, and why
 */
export function readStage(stage: string = DEFAULT_STAGE): StageConfiguration {
  return checkStage(stage, isStageName(stage) ? STAGES[stage] : readFile(stage));
}

/** @throws WrongConfiguration with every value that is wrong, and why */
export function checkStage(stage: string, value: unknown): StageConfiguration {
  const parsed = stageSchema.safeParse(value, { error: adviceFor });
  if (parsed.success) return parsed.data;
  throw wrongStage(
    stage,
    parsed.error.issues.map(({ path, message }) => `${path.length === 0 ? 'the file' : path.join('.')}: ${message}`),
  );
}

function isStageName(text: unknown): text is StageName {
  return typeof text === 'string' && Object.hasOwn(STAGES, text);
}

function readFile(path: string): unknown {
  if (!existsSync(path)) {
    throw wrongStage(path, [`there is no such file, and no such stage: ${Object.keys(STAGES).join(', ')}`]);
  }
  const value = parse(path);
  const { extends: base, ...changes } = value as { extends?: unknown };
  if (!isStageName(base)) {
    throw wrongStage(path, [`extends: must name one of ${Object.keys(STAGES).join(', ')}`]);
  }
  // A name is not inherited: two stages of one name are one deployment.
  const { name: _ofTheBase, ...inherited } = STAGES[base];
  return merged(inherited, changes);
}

function parse(path: string): object {
  const text = saying(path, 'the file cannot be read', () => readFileSync(path, 'utf8'));
  const value: unknown = saying(path, 'the file is not JSON', () => JSON.parse(text));
  if (isObject(value)) return value;
  throw wrongStage(path, ['the file must hold a JSON object']);
}

function saying<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw wrongStage(path, [`${what}: ${(error as Error).message}`]);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Kinds of an instance have different fields: those of the other kind would be left over. */
function isOtherKind(base: Readonly<Record<string, unknown>>, changes: Readonly<Record<string, unknown>>): boolean {
  return changes.kind !== undefined && changes.kind !== base.kind;
}

function merged(base: unknown, changes: unknown): unknown {
  if (!isObject(base) || !isObject(changes) || isOtherKind(base, changes)) return changes;
  const entries = Object.entries(changes).map(([name, value]) => [name, merged(base[name], value)] as const);
  return { ...base, ...Object.fromEntries(entries) };
}
