import { REGIONS } from '../../../topology';
import type { CallFigures } from '../figures';
import { allErrorsEndS, type DrillReport, hasPassed } from '../report';
import { rounded } from '../verdicts';
import { chart, LAYER_TEXT } from './chart';
import { element, escaped } from './html';

const MS_PER_S = 1000;

export function badge(report: DrillReport): string {
  const failed = report.verdicts.filter(({ holds }) => !holds).length;
  if (report.brokenOff !== undefined) return element('span', { class: 'badge bad' }, 'broken off');
  if (hasPassed(report)) return element('span', { class: 'badge good' }, 'everything held');
  return element('span', { class: 'badge bad' }, `${failed} of ${report.verdicts.length} did not hold`);
}

export function errorsEndText(report: DrillReport): string {
  const ended = allErrorsEndS(report);
  if (ended === undefined) return 'at the end';
  return ended === 0 ? 'none' : `${rounded(ended)} s`;
}

export function drillSection(report: DrillReport): string {
  const { name, shows, marks, seconds, lastedS, before, runbook, seed, brokenOff } = report;
  const about =
    `The fault lasted ${rounded(lastedS)} s. Before it half of the calls took ${before.p50Ms.toFixed(0)} ms, and 99 of 100 ` +
    `${before.p99Ms.toFixed(0)} ms. Seed ${seed}. Runbook: docs/runbooks/${runbook}.`;
  return element(
    'section',
    { id: name },
    [
      `<div class="title"><h2>${escaped(name)}</h2>${badge(report)}</div>`,
      `<p>${escaped(shows)}</p>`,
      `<p class="quiet">${escaped(about)}</p>`,
      ...(brokenOff === undefined ? [] : [element('pre', {}, escaped(brokenOff))]),
      tiles(report),
      chart(seconds, marks, lastedS),
      legend(),
      `<div class="columns"><div><h3>What happened</h3>${marksList(report)}</div>`,
      `<div><h3>What had to hold</h3>${verdictList(report)}</div></div>`,
      `<h3>While it lasted</h3>${callTable(report)}`,
      lostTable(report),
      executedText(report),
    ].join('\n'),
  );
}

function tiles(report: DrillReport): string {
  const { totals } = report;
  const tile = (value: string, text: string, isBad = false) =>
    `<div class="tile"><b${isBad ? ' class="bad"' : ''}>${escaped(value)}</b><span>${escaped(text)}</span></div>`;
  const share = totals.calls === 0 ? 0 : (100 * totals.failed) / totals.calls;
  return element(
    'div',
    { class: 'tiles' },
    [
      tile(errorsEndText(report), totals.failed === 0 ? 'of all calls failed' : 'until errors ended'),
      tile(`${share.toFixed(share > 0 && share < 1 ? 2 : 1)} %`, `of ${totals.calls} calls failed while it lasted`),
      tile(String(totals.acknowledgedWrites), 'writes acknowledged'),
      tile(String(totals.answeredReads), `reads answered, ${totals.degradedReads} degraded`),
      tile(String(totals.lostOfBoth), 'writes lost of those acknowledged by both regions', totals.lostOfBoth > 0),
      tile(String(totals.lostWrites - totals.lostOfBoth), 'lost of those acknowledged by one', totals.lostWrites > 0),
    ].join(''),
  );
}

function legend(): string {
  const layers = Object.entries(LAYER_TEXT).map(([name, text]) => `<span><i class="${name}"></i>${text}</span>`);
  const lines = [
    '<span><i class="line p50Ms"></i>half of the calls took less</span>',
    '<span><i class="line p99Ms"></i>99 of 100 took less</span>',
  ];
  return element('div', { class: 'legend' }, [...layers, ...lines].join(''));
}

function marksList({ marks }: DrillReport): string {
  const items = marks.map(({ atS, kind, text }, index) => {
    const cells = `<span class="number">${index + 1}</span><span class="quiet">${atS.toFixed(1)} s</span>`;
    return element('li', { class: kind }, `${cells}<span>${escaped(text)}</span>`);
  });
  return element('ol', { class: 'marks' }, items.join(''));
}

function verdictList({ verdicts }: DrillReport): string {
  const items = verdicts.map(({ holds, expected, measured }) => {
    const measuredText = `<span class="quiet">${escaped(measured)}</span>`;
    return element('li', { class: holds ? 'good' : 'bad' }, `${escaped(expected)}<br>${measuredText}`);
  });
  return element('ul', { class: 'verdicts' }, items.join(''));
}

/** A line for each kind of call, with both regions side by side. */
function callTable({ calls }: DrillReport): string {
  const names = [...new Set(calls.map(({ call }) => call))];
  const rows = names.map((name) => {
    const cells = REGIONS.map((region) => regionCells(calls.find((one) => one.call === name && one.region === region)));
    return `<tr><td>${name}</td>${cells.join('')}</tr>`;
  });
  const columns = ['Calls', 'Failed', 'Errors ended after', 'p50', 'p99'];
  const groups = REGIONS.map((region) => `<th class="group" colspan="${columns.length}">Region ${region}</th>`);
  const heads = REGIONS.flatMap(() => columns.map((text) => `<th class="figure">${text}</th>`));
  const head = `<tr><th></th>${groups.join('')}</tr><tr><th>Call</th>${heads.join('')}</tr>`;
  return `<table class="calls"><thead>${head}</thead><tbody>${rows.join('')}</tbody></table>`;
}

function regionCells(one: CallFigures | undefined): string {
  const figure = (text: string, className = '') => element('td', { class: `figure ${className}`.trim() }, text);
  if (one === undefined) return '<td class="figure" colspan="5">not called</td>';
  const end = one.isOpen ? 'not' : one.failed === 0 ? '–' : `${rounded(one.errorsEndS)} s`;
  return [
    figure(String(one.calls)),
    figure(String(one.failed), one.failed > 0 ? 'bad' : ''),
    figure(end, one.isOpen ? 'bad' : ''),
    figure(`${one.p50Ms.toFixed(0)} ms`),
    figure(`${one.p99Ms.toFixed(0)} ms`),
  ].join('');
}

function lostTable({ lost }: DrillReport): string {
  if (lost.length === 0) return '';
  const rows = lost.map(
    ({ call, member, region, version, by, endedMs, startedMs }) =>
      `<tr><td>${call}</td><td>${member}</td><td>${region}</td><td>${by}</td><td class="figure">${version}</td>` +
      `<td class="figure">${((endedMs - startedMs) / MS_PER_S).toFixed(3)} s</td></tr>`,
  );
  const head =
    '<tr><th>Call</th><th>Member</th><th>Region</th><th>By</th><th class="figure">Version</th><th class="figure">Took</th></tr>';
  return `<h3>Acknowledged, and lost</h3><table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table>`;
}

function executedText({ executed }: DrillReport): string {
  if (executed.length === 0) return '';
  const blocks = executed.map(({ command, output }) => element('pre', {}, escaped(`$ ${command}\n${output}`)));
  return `<details><summary>What the runbook had run (${executed.length})</summary>${blocks.join('')}</details>`;
}
