import type { StatusReport } from '../command/control';
import type { LocalState } from '../system';

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
main { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); }
h1 small { font-weight: normal; font-size: 1rem; opacity: .7; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #8884; }
td.number { font-variant-numeric: tabular-nums; }
.ready::before { content: "\\25CF  "; color: #2a9d4a; }
.starting::before { content: "\\25CF  "; color: #c98a00; }
.dead::before, .stopped::before { content: "\\25CF  "; color: #d33; }
`;

/** Draws the status again every two seconds; text is set as text, so that no value can become markup. */
const SCRIPT = `
const regions = document.querySelector('main');
const phase = document.querySelector('#phase');
function cell(row, text, className) {
  const td = row.insertCell();
  td.textContent = text;
  if (className) td.className = className;
}
function draw({ phase: now, addresses, engines }) {
  phase.textContent = now;
  regions.replaceChildren(...['A', 'B', 'witness'].map((region) => {
    const section = document.createElement('section');
    const title = document.createElement('h2');
    title.textContent = region === 'witness' ? 'Outside both regions' : 'Region ' + region;
    section.append(title);
    if (addresses[region]) {
      const line = document.createElement('p');
      for (const [text, path] of [[addresses[region], '/health'], ['OpenAPI document', '/openapi.json']]) {
        const link = document.createElement('a');
        link.textContent = text;
        link.href = addresses[region] + path;
        line.append(link, ' ');
      }
      section.append(line);
    }
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const name of ['Engine', 'Status', 'Role', 'Port', 'Process']) {
      const th = document.createElement('th');
      th.textContent = name;
      head.append(th);
    }
    const body = table.createTBody();
    for (const engine of engines.filter((one) => one.region === region)) {
      const row = body.insertRow();
      cell(row, engine.name, engine.status);
      row.title = engine.kind;
      cell(row, engine.status);
      cell(row, engine.role);
      cell(row, engine.port, 'number');
      cell(row, engine.pid ?? '-', 'number');
    }
    section.append(table);
    return section;
  }));
}
async function look() {
  try {
    draw(await (await fetch('status.json')).json());
  } catch {
    phase.textContent = 'not running';
    regions.replaceChildren();
  }
  setTimeout(look, 2000);
}
look();
`;

/** The operator's page: what runs where, in both regions. It shows no keys and turns nothing. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Twinkeep</title>
<style>${STYLE}</style>
<h1>Twinkeep <small id="phase">looking</small></h1>
<main></main>
<script>${SCRIPT}</script>
</html>
`;

/** What the page draws: the report of the parts, and where callers reach each region. */
export function pageStatus(report: Pick<StatusReport, 'phase' | 'engines'>, state: LocalState) {
  const addresses = { A: state.regions.A.api, B: state.regions.B.api };
  return { phase: report.phase, addresses, engines: report.engines };
}
