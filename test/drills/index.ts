/** Drills: faults under load that show what callers see, and that each runbook does what it says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DrillOptions } from './options';
import { drillPage } from './page';
import { type DrillReport, hasPassed } from './report';
import { DrillRun } from './run';
import { Terminal } from './terminal';

export { type DrillOptions, readOptions, usage } from './options';

/** Runs one drill after another against the system of `TWINKEEP_TEST_STATE`; the page is written anew after each. */
export async function runDrills(options: DrillOptions, signal: AbortSignal): Promise<readonly DrillReport[]> {
  const { drills, seed, json, page } = options;
  const terminal = new Terminal(json ? () => undefined : (line) => console.log(line));
  const reports: DrillReport[] = [];
  for (const drill of drills) {
    const run = new DrillRun(drill, seed, terminal, signal).run();
    const report = await Promise.race([run, abortion(signal)]);
    reports.push(report);
    if (json) console.log(JSON.stringify({ ...report, passed: hasPassed(report) }));
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, drillPage(reports));
  }
  return reports;
}

/** Rejects when the run is interrupted: a drill may be waiting for what would not come any more. */
function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
