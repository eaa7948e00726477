import type { Drill } from './drill';
import { failuresIn, SERVERS, type Second, secondsOf } from './figures';
import type { Recorder } from './recorder';
import { allErrorsEndS, type DrillReport, hasPassed } from './report';
import { rounded } from './verdicts';

const EVERY_MS = 2000;
const HEADER = '       t   calls  failed    p50    p99  reads served by, writes';

/** Tells a drill as it goes, in lines. */
export class Terminal {
  readonly #tell: (line: string) => void;
  #beganMs = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  begin({ name, shows }: Drill, seed: number): void {
    this.#beganMs = performance.now();
    this.#tell(`\n${name} (seed ${seed})\n${shows}\n\n${HEADER}`);
  }

  follow(recorder: Recorder): void {
    let seen = recorder.samples.length;
    this.#timer = setInterval(() => {
      const fresh = recorder.samples.slice(seen);
      seen = recorder.samples.length;
      // All of it in one second: what is told is a moment, not a figure.
      const [second] = secondsOf(
        fresh.map((sample) => ({ ...sample, endedMs: 0, startedMs: sample.startedMs - sample.endedMs })),
        0,
        1,
      );
      if (second !== undefined) this.#tell(`${this.#nowText()}  ${secondText(second)}`);
    }, EVERY_MS);
  }

  unfollow(): void {
    clearInterval(this.#timer);
  }

  mark(text: string): void {
    this.#tell(`${this.#nowText()}  --- ${text}`);
  }

  say(text: string): void {
    this.#tell(`${this.#nowText()}  ${text}`);
  }

  end(report: DrillReport): void {
    this.#tell(`\n${summaryText(report)}`);
  }

  #nowText(): string {
    return `${((performance.now() - this.#beganMs) / 1000).toFixed(1).padStart(6)} s`;
  }
}

function secondText(second: Second): string {
  const failures = Object.entries(second.failures).map(([code, count]) => `${count} ${code}`);
  const served = SERVERS.filter((server) => second.served[server] > 0).map(
    (server) => `${server} ${second.served[server]}`,
  );
  const columns = [
    String(second.calls).padStart(5),
    String(failuresIn(second)).padStart(6),
    second.p50Ms.toFixed(0).padStart(5),
    second.p99Ms.toFixed(0).padStart(5),
  ];
  return `${columns.join('  ')}  ${[...served, `writes ${second.writes}`].join(', ')}${failures.length > 0 ? `  [${failures.join(', ')}]` : ''}`;
}

/** What came of a drill: figures, then verdicts. */
export function summaryText(report: DrillReport): string {
  const { calls, verdicts, totals, before, lost, lastedS, brokenOff } = report;
  const ended = allErrorsEndS(report);
  const rows = calls.map((one) => [
    `  ${one.call} in ${one.region}`.padEnd(22),
    String(one.calls).padStart(6),
    String(one.failed).padStart(7),
    (one.isOpen ? 'not' : one.failed === 0 ? '-' : rounded(one.errorsEndS)).padStart(14),
    one.p50Ms.toFixed(0).padStart(6),
    one.p99Ms.toFixed(0).padStart(6),
  ]);
  return [
    `  The fault lasted ${rounded(lastedS)} s; ${ended === undefined ? 'some calls failed until its end' : `errors had ended after ${rounded(ended)} s`}.`,
    `  ${totals.acknowledgedWrites} writes were acknowledged (${totals.acknowledgedByBoth} by both regions), ` +
      `${totals.answeredReads} reads answered (${totals.degradedReads} degraded).`,
    `  Lost: ${totals.lostOfBoth} writes that both regions had acknowledged, ${totals.lostWrites - totals.lostOfBoth} that one had.`,
    `  Before the fault half of the calls took ${before.p50Ms.toFixed(0)} ms, 99 of 100 ${before.p99Ms.toFixed(0)} ms.`,
    ...lost.map(
      (one) =>
        `    lost: ${one.call} of ${one.member} in ${one.region}, version ${one.version}, acknowledged by ${one.by}`,
    ),
    '',
    '  while it lasted         calls  failed  errors end, s    p50    p99',
    ...rows.map((row) => row.join('  ')),
    '',
    ...verdicts.map(({ holds, expected, measured }) => `  ${holds ? 'ok    ' : 'FAILED'}  ${expected}: ${measured}`),
    ...(brokenOff === undefined ? [] : [`  FAILED  broken off: ${brokenOff}`]),
    `  ${hasPassed(report) ? 'passed' : 'FAILED'}`,
  ].join('\n');
}
