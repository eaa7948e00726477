import { dirname, join } from 'node:path';
import { LogTail } from '../../cli/top/log-tail';
import { FAULT_MARKS, type FaultMark, SHOWN_WITHIN_S } from '../../lib/alarms/faults';
import { REGIONS } from '../../topology';
import type { Drill } from './drill';
import { rounded, type Verdict } from './verdicts';

const EVERY_MS = 250;

/** What has to show the faults of a drill: what it kills for good, not what it freezes or cuts off. */
export function marksOf({ steps }: Pick<Drill, 'steps'>): readonly FaultMark[] {
  const killed = steps.flatMap(({ act }) => (act.kind === 'kill' ? [act.engine] : []));
  return FAULT_MARKS.filter(({ engines }) => engines.some((engine) => killed.includes(engine)));
}

/** Looks for lines of the functions of the system under test, from when it is begun. */
export class ShownWatch {
  readonly #tails: readonly LogTail[];
  readonly #missing: Set<string>;
  readonly #tell: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  /** @param stateFile beside the directory of the logs */
  constructor(stateFile: string, marks: readonly FaultMark[], tell: (line: string) => void) {
    const logs = join(dirname(stateFile), 'logs');
    this.#tails = REGIONS.flatMap((region) =>
      ['api', 'tasks'].map((kind) => new LogTail(join(logs, `${kind}-${region}.log`))),
    );
    this.#missing = new Set(marks.map(({ line }) => line));
    this.#tell = tell;
  }

  /** Resolves when what was written before is passed over. */
  async start(): Promise<void> {
    for (const tail of this.#tails) while ((await tail.read()).length > 0);
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking.then(() => this.#look());
  }

  async #look(): Promise<void> {
    const lines = (await Promise.all(this.#tails.map((tail) => tail.read()))).flat();
    for (const message of this.#missing) {
      if (!lines.some((line) => line.includes(`"message":${JSON.stringify(message)}`))) continue;
      this.#missing.delete(message);
      this.#tell(message);
    }
  }
}

/** @param shown seconds after the first step, by line */
export function shownVerdicts(marks: readonly FaultMark[], shown: ReadonlyMap<string, number>): Verdict[] {
  return marks.map(({ fault, line }) => {
    const atS = shown.get(line);
    return {
      holds: atS !== undefined && atS <= SHOWN_WITHIN_S,
      expected: `that ${fault} is lost is shown within ${SHOWN_WITHIN_S} s, by the line "${line}"`,
      measured: atS === undefined ? 'it was never written' : `after ${rounded(atS)} s`,
    };
  });
}
