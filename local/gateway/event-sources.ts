import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Poller } from './poller';

/** What a mapping hands over, and to whom. */
export interface MappedSource {
  readonly functionName: string;
  readonly arn: string;
  readonly batchSize: number;
}

/** As Lambda describes a mapping. */
export interface Mapping {
  readonly UUID: string;
  readonly EventSourceArn: string;
  readonly FunctionArn: string;
  readonly BatchSize: number;
  readonly State: 'Enabled' | 'Disabling' | 'Disabled';
}

interface Source extends MappedSource {
  readonly uuid: string;
  readonly open: () => Poller;
  /** While it is enabled. */
  poller: Poller | undefined;
  /** Until what it had received when it was disabled is done. */
  ending: Promise<void> | undefined;
}

/**
 * The event source mappings of one process. One that was disabled stays so over restarts, as it would at Lambda: which
 * ones are stands in a file.
 */
export class EventSources {
  readonly #file: string;
  readonly #sources: Source[] = [];
  readonly #disabled: Set<string>;

  /** @param file is read now, and written when a mapping is enabled or disabled; it need not exist */
  constructor(file: string) {
    this.#file = file;
    this.#disabled = new Set(readNames(file));
  }

  add(source: MappedSource, open: () => Poller): void {
    this.#sources.push({ ...source, uuid: uuidOf(source), open, poller: undefined, ending: undefined });
  }

  start(): void {
    for (const source of this.#sources) if (!this.#disabled.has(source.functionName)) begin(source);
  }

  /** Receives nothing more, and resolves once what was received is done. */
  async stop(): Promise<void> {
    await Promise.all(this.#sources.flatMap(({ poller, ending }) => [poller?.stop(), ending]));
  }

  list(eventSourceArn: string | undefined): Mapping[] {
    return this.#sources.filter(({ arn }) => eventSourceArn === undefined || arn === eventSourceArn).map(mappingOf);
  }

  /** Undefined if there is no such mapping. */
  update(uuid: string, enabled: boolean): Mapping | undefined {
    const source = this.#sources.find((one) => one.uuid === uuid);
    if (source === undefined) return undefined;
    if (enabled) this.#disabled.delete(source.functionName);
    else this.#disabled.add(source.functionName);
    writeNames(this.#file, [...this.#disabled]);
    if (enabled) begin(source);
    else end(source);
    return mappingOf(source);
  }
}

function begin(source: Source): void {
  if (source.poller !== undefined) return;
  source.poller = source.open();
  source.poller.start();
}

function end(source: Source): void {
  const { poller } = source;
  if (poller === undefined) return;
  source.poller = undefined;
  source.ending = poller.stop().finally(() => {
    source.ending = undefined;
  });
}

function mappingOf({ uuid, arn, functionName, batchSize, poller, ending }: Source): Mapping {
  const [, , , awsRegion = '', account = ''] = arn.split(':');
  const settled = ending === undefined ? 'Disabled' : 'Disabling';
  return {
    UUID: uuid,
    EventSourceArn: arn,
    FunctionArn: `arn:aws:lambda:${awsRegion}:${account}:function:${functionName}`,
    BatchSize: batchSize,
    State: poller === undefined ? settled : 'Enabled',
  };
}

/** The same in every run. */
function uuidOf({ functionName, arn }: MappedSource): string {
  const hex = createHash('sha256').update(`${arn} ${functionName}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

function readNames(file: string): string[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { disabled: string[] }).disabled;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function writeNames(file: string, disabled: readonly string[]): void {
  writeFileSync(`${file}.new`, `${JSON.stringify({ disabled })}\n`);
  renameSync(`${file}.new`, file);
}
