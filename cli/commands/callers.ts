import { userInfo } from 'node:os';
import { systemClock } from '../../lambdas/core';
import { type Caller, ChangeRefused, isLive, keyName, type Order } from '../../lambdas/traffic';
import { AWS_REGIONS, TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import { type CallerSystem, openCallerSystem } from '../callers';
import { EXIT, UsageError } from '../usage';
import { type Command, textOption } from './command';
import { directoryOf, directoryOption, reasonOf } from './system-options';

type Call = Parameters<Command['run']>[0];
type Values = Call['values'];

/** Options of every command about callers. */
export const callerOptions: Command['options'] = {
  ...directoryOption,
  stage: { type: 'string' },
  'aws-region': { type: 'string', default: AWS_REGIONS.A },
};
export const WHERE_HELP = `  --directory D  where the local system keeps its state
  --stage S      instead of a local system: a stage in AWS, by the credentials of the environment
  --aws-region R where region A of that stage is (default ${AWS_REGIONS.A})
  --json         as JSON`;

/** Options of those that change something. */
export const orderOptions: Command['options'] = {
  ...callerOptions,
  by: { type: 'string' },
  reason: { type: 'string' },
};
export const ORDER_HELP = `  --by NAME      who wants it, for the audit (default: the user of this machine)
  --reason TEXT  why, for the audit`;
export const EXIT_HELP = `Exit codes: 0 done, 1 refused, 2 not understood, 3 the registry did not answer.`;
export const KNOWN_HELP =
  'A change is known to every function within 5 s while caches and arbiter answer, and within 30 s else.';

/** Does something with the registry, and says what is the case where that refuses or does not answer. */
export async function atRegistry(
  { values, terminal }: Call,
  act: (system: CallerSystem) => Promise<number>,
): Promise<number> {
  const stage = textOption(values, 'stage');
  const awsRegion = textOption(values, 'aws-region') ?? AWS_REGIONS.A;
  const system = await openCallerSystem({ directory: directoryOf(values), stage, awsRegion });
  try {
    return await act(system);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof ChangeRefused) {
      terminal.error(`${error.message}\n`);
      return EXIT.failed;
    }
    terminal.error(`The registry of callers can't be read or changed now: ${reasonOf(error)}\n`);
    return EXIT.unreachable;
  } finally {
    system.close();
  }
}

/** Has a change known at once, or says when it will be. */
export async function announce({ makeKnown }: CallerSystem, { terminal }: Call): Promise<void> {
  await makeKnown().catch((error: unknown) => {
    terminal.error(
      `It is registered; functions could not be told, and learn of it by themselves (${reasonOf(error)}).\n`,
    );
  });
}

export function orderOf(values: Values): Order {
  const reason = textOption(values, 'reason')?.trim();
  const by = textOption(values, 'by')?.trim() || userInfo().username;
  return { by, ...(reason ? { reason } : {}) };
}

const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** @throws UsageError unless it is a name that an API key can begin with */
export function readCallerId(id: string | undefined): string {
  if (id !== undefined && ID.test(id)) return id;
  throw new UsageError('Name one caller: letters, digits, - and _, 64 at most, beginning with a letter or digit.');
}

/** @throws UsageError unless exactly one caller is named */
export function callerOf([id, ...others]: readonly string[]): string {
  if (others.length > 0) throw new UsageError('Name one caller.');
  return readCallerId(id);
}

/** @throws UsageError unless it names classes, each once */
export function readClasses(text: string | undefined): readonly TrafficClass[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  const unknown = names.find((name) => !TRAFFIC_CLASSES.some((known) => known === name));
  if (unknown !== undefined || new Set(names).size !== names.length) {
    throw new UsageError(
      `Say with --classes which traffic classes it may use, separated by commas: ${TRAFFIC_CLASSES.join(', ')}.`,
    );
  }
  return TRAFFIC_CLASSES.filter((name) => names.includes(name));
}

export function readOwner(text: string | undefined): string {
  const owner = text?.trim() ?? '';
  if (owner !== '' && owner.length <= 100) return owner;
  throw new UsageError('Say with --owner which team answers for the caller, in 100 characters at most.');
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MOST_MS = 3650 * 86_400_000;

/** @throws UsageError unless it is a time like 90d, 12h, 30m or 45s; 0 needs no unit */
export function readDurationMs(name: string, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  const ms = count === '' || (unit === '' && count !== '0') ? Number.NaN : Number(count) * (UNITS_MS[unit] ?? 1);
  if (ms <= MOST_MS) return ms;
  throw new UsageError(`--${name} must be a time like 90d, 12h, 30m or 45s, ten years at most, not ${text}`);
}

/** When a key that is made now expires; undefined if it does not. @throws UsageError */
export function expiryOf(values: Values, nowMs: number): number | undefined {
  const text = textOption(values, 'expires');
  if (text === undefined) return undefined;
  const lifeMs = readDurationMs('expires', text);
  if (lifeMs === 0) throw new UsageError('--expires must be later than now.');
  return nowMs + lifeMs;
}

export function timeText(atMs: number): string {
  return atMs === 0 ? '' : new Date(atMs).toISOString();
}

/** A caller as programs are told of it: nothing that helps to find a secret. */
export function publicCaller({ keys, createdAtMs, changed, ...caller }: Caller) {
  const nowMs = systemClock.nowMs();
  return {
    ...caller,
    keys: keys.map((key) => ({
      key: keyName(key),
      createdAt: timeText(key.createdAtMs),
      ...(key.expiresAtMs === undefined ? {} : { expiresAt: timeText(key.expiresAtMs) }),
      isLive: isLive(key, nowMs),
    })),
    createdAt: timeText(createdAtMs),
    changed: { at: timeText(changed.atMs), by: changed.by, action: changed.action, reason: changed.reason },
  };
}

/** Where a key that was just made is shown to a person. */
export function shownOnce(id: string, apiKey: string): string {
  return `  ${apiKey}

It is shown this once, and kept as a hash only. Give it to the team of ${id} by a vault. Do not type it into a command line, which
your shell would remember: send it as the header x-api-key from a file or a variable that was read from one.
`;
}
