export const STYLE = `
:root {
  color-scheme: light dark; font: 15px/1.55 system-ui, sans-serif;
  --ink: #1c2024; --quiet: #646b73; --line: #e3e6e9; --paper: #fff; --card: #f7f8f9;
  --cache: #9cc9f2; --writer: #2f7fd1; --replica: #63b3a4; --search: #c79be8; --writes: #c9ced4; --failed: #e0453a;
  --good: #1d8348; --fault: #f6b93b2e; --mark: #b9770e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e8ea; --quiet: #9aa2ab; --line: #31363c; --paper: #16181b; --card: #1d2024;
    --cache: #3c6f9e; --writer: #5aa7f0; --replica: #4f9c8d; --search: #9a6cc0; --writes: #5a626a; --failed: #ff6b5e;
    --good: #5ecb8b; --fault: #f6b93b1f; --mark: #e3a33c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 2.5rem 1.5rem 5rem; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; margin: 0; }
h3 { font-size: .95rem; margin: 1.8rem 0 .5rem; }
p { margin: .4rem 0; max-width: 46rem; }
a { color: var(--writer); text-decoration: none; }
a:hover { text-decoration: underline; }
.quiet { color: var(--quiet); }
section { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 2rem; }
.title { display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; }
.badge { font-size: .8rem; font-weight: 600; }
.badge.good { color: var(--good); } .badge.bad { color: var(--failed); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .7rem; margin: 1.2rem 0; }
.tile { background: var(--card); border-radius: .5rem; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.45rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile b.bad { color: var(--failed); }
.tile span { color: var(--quiet); font-size: .82rem; }
svg { width: 100%; height: auto; display: block; }
.grid { stroke: var(--line); }
.tick, .caption, .number { font-size: 11px; fill: var(--quiet); }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.fault { fill: var(--fault); }
${['cache', 'writer', 'replica', 'search', 'writes', 'failed'].map((name) => `rect.${name}, i.${name} { fill: var(--${name}); background: var(--${name}); }`).join('\n')}
polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
polyline.p99Ms { stroke: var(--mark); } polyline.p50Ms { stroke: var(--writer); }
.mark { stroke: var(--mark); stroke-dasharray: 3 3; fill: none; }
line.mark.decided { stroke: var(--quiet); } line.mark.end { stroke: var(--good); }
.number { font-weight: 600; fill: var(--mark); } .number.decided { fill: var(--quiet); } .number.end { fill: var(--good); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .82rem; color: var(--quiet); margin: .4rem 0 1rem; }
.legend i { display: inline-block; width: .75rem; height: .75rem; border-radius: 2px; margin-right: .4rem; vertical-align: -1px; }
.legend i.line { height: 3px; vertical-align: 4px; }
i.p50Ms { background: var(--writer); } i.p99Ms { background: var(--mark); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); font-size: .82rem; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.group { text-align: right; color: var(--ink); }
table.calls td:nth-child(7), table.calls tr:last-child th:nth-child(7) { padding-left: 1.2rem; }
td.bad { color: var(--failed); } td.good { color: var(--good); }
ol, ul { padding: 0; margin: 0; list-style: none; }
.verdicts li { padding: .22rem 0 .22rem 1.6rem; position: relative; }
.verdicts li::before { content: "\\2713"; position: absolute; left: .1rem; color: var(--good); font-weight: 700; }
.verdicts li.bad::before { content: "\\2717"; color: var(--failed); }
.verdicts li.bad { color: var(--failed); }
.marks li { display: grid; grid-template-columns: 1.6rem 4.6rem 1fr; font-variant-numeric: tabular-nums; }
.marks .number { color: var(--mark); } .marks .end .number { color: var(--good); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 0 2.5rem; }
pre { background: var(--card); border-radius: .5rem; padding: .7rem .9rem; font-size: .82rem; overflow-x: auto; margin: .4rem 0; }
summary { cursor: pointer; color: var(--quiet); font-size: .9rem; margin-top: 1rem; }
@media print { section { break-before: page; } }
`;
