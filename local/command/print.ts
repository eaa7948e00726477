import type { LinkReport } from '../faults';
import type { LocalState } from '../system';
import type { StatusReport } from './control';

/** A table of the parts of a running system, for people. */
export function statusText(report: StatusReport): string {
  const rows = report.engines.map((engine) => [
    engine.name,
    engine.kind,
    engine.region,
    engine.role,
    String(engine.port),
    String(engine.pid ?? '-'),
    engine.status,
  ]);
  const lines = tableLines([['NAME', 'KIND', 'REGION', 'ROLE', 'PORT', 'PID', 'STATUS'], ...rows]);
  const { clusters, snapshots } = report.databases;
  return [
    `${report.phase}, process ${report.pid}, in ${report.directory}`,
    ...lines,
    ...clusters.flatMap(({ cluster, doing }) => (doing === undefined ? [] : [`cluster ${cluster}: ${doing}`])),
    ...snapshots.map(
      ({ cluster, region, takenAt, directory }) =>
        `kept aside at ${takenAt}, what ${cluster}-${region} had written and its successor has not: ${directory}`,
    ),
  ].join('\n');
}

function tableLines(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A table of the links between callers and engines. */
export function linksText(links: readonly LinkReport[]): string {
  if (links.length === 0) return 'This system has no links that could be cut: start it with --faults.';
  const stateOf = ({ state }: LinkReport) => (state.kind === 'slow' ? `slow, ${state.delayMs} ms` : state.kind);
  return tableLines([
    ['WAY', 'PORT', 'STATE'],
    ...links.map((link) => [link.name, `${link.port}`, stateOf(link)]),
  ]).join('\n');
}

function firstSteps(state: LocalState, account: string | undefined): string[] {
  const key = `-H 'x-api-key: ${state.callers.find((one) => one.classes.includes('order'))?.apiKey}'`;
  const lookUp = (region: 'A' | 'B', name: string) =>
    `  curl -si ${key} ${state.regions[region].api}/v1/order/accounts/app/${name}`;
  if (account !== undefined) {
    return ['Ask both regions for the member behind an account:', lookUp('A', account), lookUp('B', account)];
  }
  return [
    'Register a member in region A:',
    `  curl -si ${key} ${state.regions.A.api}/v1/order/members -H 'content-type: application/json' \\`,
    `    -d '{"profile":{"name":"Ada Lovelace"},"accounts":[{"platform":"app","account":"ada"}]}'`,
    'and find it in region B:',
    lookUp('B', 'ada'),
  ];
}

/** What to do first, once everything runs. `account` is one that a member has on platform `app`. */
export function welcomeText(state: LocalState, seconds: number, account: string | undefined): string {
  return [
    '',
    `Both regions are up after ${seconds.toFixed(0)} s.`,
    `  region A   ${state.regions.A.api}`,
    `  region B   ${state.regions.B.api}`,
    `  AWS APIs   ${state.aws.endpoint}`,
    `  console    ${state.console}`,
    '',
    ...firstSteps(state, account),
    '',
    'Ctrl-C stops everything. `npm run local -- status` and `restart <engine>` work from another terminal.',
    '',
  ].join('\n');
}
