import type { Region } from '../../topology';
import type { CallName } from '../support/load';

/** What is done to the system, or by its operator. */
export type Act =
  /** `kill` is SIGKILL, `freeze` SIGSTOP, `thaw` SIGCONT, `restart` what an operator would do. */
  | { readonly kind: 'kill' | 'freeze' | 'thaw' | 'restart'; readonly engine: string }
  /** Every process of a region at once, as `npm run local -- lose` does it. */
  | { readonly kind: 'lose'; readonly region: Region }
  /** Ways as `npm run local -- cut` takes them. */
  | { readonly kind: 'cut' | 'heal'; readonly ways: readonly string[] }
  | { readonly kind: 'slow'; readonly ways: readonly string[]; readonly delayMs: number }
  /** The commands under a heading of the drill's runbook, word for word. */
  | { readonly kind: 'runbook'; readonly heading: string }
  /** Waits until a unit takes writes in this region. */
  | { readonly kind: 'await-unit'; readonly unit: string; readonly writer: Region; readonly withinS: number }
  /** Waits until no lease of a unit runs for longer than a failover may wait: one of an hour is cut down first. */
  | { readonly kind: 'await-short-leases'; readonly unit: string; readonly withinS: number }
  /** Waits until a cluster's server in this region is in step with the writer, which stands in the other. */
  | { readonly kind: 'await-replica'; readonly cluster: string; readonly region: Region; readonly withinS: number }
  /** Waits until a switch has this value; of an object the fields that are named. */
  | { readonly kind: 'await-switch'; readonly name: string; readonly value: unknown; readonly withinS: number };

export interface Step {
  /** After the step before; the first one after the load has run for a while. */
  readonly afterS: number;
  readonly act: Act;
}

/** Some of the calls; all of what is not said. */
export interface Scope {
  readonly calls?: readonly CallName[];
  readonly regions?: readonly Region[];
  /** Unit of the member that a call is about; calls that are about none are of no unit. */
  readonly units?: readonly string[];
}

/** What must hold while the fault lasts, from the first step to the last. */
export type Expectation =
  /** No such call fails that ended later than so long after the first step; `except` names codes that are judged apart. */
  | {
      readonly kind: 'errors-end';
      readonly scope: Scope;
      readonly withinS: number;
      readonly except?: readonly string[];
    }
  /** From the first of these calls that fails to the last there are at most so many seconds, however late the first is. */
  | { readonly kind: 'errors-last'; readonly scope: Scope; readonly mostS: number }
  /** At most so many of 100 of these calls fail. */
  | { readonly kind: 'few-fail'; readonly scope: Scope; readonly mostPercent: number }
  /** Each of these calls is answered in each of these regions. */
  | { readonly kind: 'served'; readonly scope: Scope & { readonly calls: readonly CallName[] } }
  /**
   * Of these calls, those that begin later than `afterS`, at most so many of 100 take longer than as many did before the
   * fault, and `slowMs` beyond that: a busy machine is no fault.
   */
  | {
      readonly kind: 'not-slow';
      readonly scope: Scope;
      readonly afterS: number;
      readonly slowMs: number;
      readonly mostPercent: number;
    }
  /** These calls are answered by this source: a text within the header `Source`. */
  | { readonly kind: 'answered-by'; readonly scope: Scope; readonly source: string }
  /** Reads that begin so long after the last step see every write that was acknowledged before it. */
  | { readonly kind: 'fresh'; readonly withinS: number }
  /** From the first step on a switch is turned, or the writer of a unit moved, at least and at most so often. */
  | {
      readonly kind: 'turned';
      readonly subject: `switch ${string}` | `writer of ${string}`;
      readonly least: number;
      readonly most: number;
    };

/** A fault under load, from a system that is well to one that is well again, as data. */
export interface Drill {
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly shows: string;
  /** File in docs/runbooks: what an operator sees and does. */
  readonly runbook: string;
  readonly steps: readonly Step[];
  /** What makes the system what the drill needs, before the load begins: no part of what is judged. */
  readonly before?: readonly Act[];
  /** Units that fail over unplanned on the way: what one region alone had acknowledged last may be lost of them. */
  readonly failsOver?: readonly string[];
  /** Units that are written without their databases on the way: what they had is brought into their rows in one version. */
  readonly goesWithoutDatabases?: readonly string[];
  /** Beside what always holds: nothing acknowledged is lost, every answer can have happened, all stores agree in the end. */
  readonly expects: readonly Expectation[];
  /** Calls that the drill is about are made more often. */
  readonly weights?: Partial<Readonly<Record<CallName, number>>>;
}

export function actText(act: Act): string {
  switch (act.kind) {
    case 'cut':
    case 'heal':
      return `${act.kind} ${act.ways.join(', ')}`;
    case 'slow':
      return `slow ${act.ways.join(', ')} by ${act.delayMs} ms`;
    case 'runbook':
      return `runbook: ${act.heading}`;
    case 'lose':
      return `lose region ${act.region}`;
    case 'await-unit':
      return `unit ${act.unit} is written in ${act.writer}`;
    case 'await-short-leases':
      return `leases of ${act.unit} are short`;
    case 'await-replica':
      return `${act.cluster} has a replica in ${act.region}`;
    case 'await-switch':
      return `${act.name} is ${JSON.stringify(act.value)}`;
    default:
      return `${act.kind} ${act.engine}`;
  }
}

export function scopeText({ calls, regions, units }: Scope): string {
  const what = calls === undefined ? 'all calls' : calls.join(', ');
  const of = units === undefined ? '' : ` of ${units.join(' and ')}`;
  return `${what}${of}${regions === undefined ? '' : ` in ${regions.join(' and ')}`}`;
}
