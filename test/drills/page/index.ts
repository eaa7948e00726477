/** The page that shows drills: one table of all, and a section with a chart for each. It needs nothing but itself. */
import type { DrillReport } from '../report';
import { rounded } from '../verdicts';
import { element, escaped } from './html';
import { badge, drillSection, errorsEndText } from './section';
import { STYLE } from './style';

export function drillPage(reports: readonly DrillReport[]): string {
  const [first] = reports;
  const when = first === undefined ? '' : `${first.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Twinkeep: drills</title>
<style>${STYLE}</style>
</head>
<body>
<h1>What callers see when parts are lost</h1>
<p>Each drill takes something away from two regions under load, and gives it back. The engines are real, the functions are those
that are deployed, and every call is recorded and checked.</p>
<p class="quiet">${escaped(when)}</p>
${overview(reports)}
${reports.map(drillSection).join('\n')}
</body>
</html>
`;
}

function overview(reports: readonly DrillReport[]): string {
  const figure = (text: string, isBad = false) =>
    element('td', { class: isBad ? 'figure bad' : 'figure' }, escaped(text));
  const rows = reports.map((report) => {
    const { name, totals, lastedS } = report;
    return `<tr><td><a href="#${name}">${escaped(name)}</a></td><td>${badge(report)}</td>${[
      figure(`${rounded(lastedS)} s`),
      figure(errorsEndText(report)),
      figure(String(totals.calls)),
      figure(String(totals.failed)),
      figure(String(totals.acknowledgedWrites)),
      figure(String(totals.lostWrites), totals.lostWrites > 0),
    ].join('')}</tr>`;
  });
  const head = ['Lasted', 'Until errors ended', 'Calls', 'Failed', 'Writes acknowledged', 'Lost'];
  const cells = head.map((text) => `<th class="figure">${text}</th>`).join('');
  return `<table><thead><tr><th>Drill</th><th></th>${cells}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
