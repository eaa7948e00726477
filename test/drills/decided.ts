import { type Arbiter, createArbiter } from '../../lambdas/arbiter';
import { systemClock } from '../../lambdas/core';
import { AWS_REGIONS } from '../../topology';
import { SILENT } from '../region/support/parts';
import { readState } from '../region/support/system';

const EVERY_MS = 500;
const TABLE_PREFIX = 'twinkeep-local';

/** A change of what is decided. */
export interface Decided {
  /** `unit a1`, `writer of a1` or `switch search/order`. */
  readonly subject: string;
  readonly value: string;
  readonly before: string;
}

/** The arbiter of the system under test; whoever opens it closes it. */
export function openArbiter(): Arbiter {
  const { aws } = readState();
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  const place = { region: 'A', awsRegion: AWS_REGIONS.A, endpoint: aws.endpoint, tablePrefix: TABLE_PREFIX } as const;
  return createArbiter({ ...place, clock: systemClock, log: SILENT });
}

/** Tells every change of what is decided: epochs, writers and modes of units, accepted switches. */
export class DecidedWatch {
  readonly #arbiter = openArbiter();
  readonly #tell: (decided: Decided) => void;
  readonly #known = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (decided: Decided) => void) {
    this.#tell = tell;
  }

  /** Resolves when what stands at the beginning is known. */
  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#arbiter.close();
  }

  /** An arbiter that is away has decided nothing meanwhile. */
  async #look(): Promise<void> {
    const { decisions } = this.#arbiter;
    const found = await Promise.all([decisions.units(), decisions.acceptedSwitches()]).catch(() => undefined);
    if (found === undefined) return;
    const [units, switches] = found;
    for (const { unit, epoch, writer, mode, transition } of units) {
      const step = transition === undefined ? '' : `, ${transition.kind} to ${transition.to} at ${transition.step}`;
      this.#note(`unit ${unit}`, `epoch ${epoch}, writer ${writer}, ${mode}${step}`);
      this.#note(`writer of ${unit}`, writer);
    }
    for (const { name, value } of switches) this.#note(`switch ${name}`, JSON.stringify(value));
  }

  #note(subject: string, value: string): void {
    const before = this.#known.get(subject);
    this.#known.set(subject, value);
    if (before !== undefined && before !== value) this.#tell({ subject, value, before });
  }
}
