import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleAll, functionBundle } from '../../local/bundle';
import { ensureCfnLint } from '../../local/engines/install';
import { HANDLERS, REGIONS } from '../../topology';
import { systemFunctions } from './support/facts';
import {
  ALIKE,
  list,
  object,
  type Properties,
  SYNTHESIS_MS,
  type Synthesis,
  type SynthesisedStack,
  smallAgain,
  TESTED_STAGES,
  testedStages,
} from './support/synthesis';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'twinkeep-checks-'));
const stages = testedStages();
beforeAll(() => bundleAll(directory), SYNTHESIS_MS);
afterAll(() => rmSync(directory, { recursive: true }));

test('a second synthesis gives the same templates', async () => {
  const again = await smallAgain();
  const { stacks } = stages.small;
  expect(stacks.length).toBeGreaterThan(30);
  expect(again.map(({ name, dependencies }) => [name, dependencies])).toEqual(
    stacks.map(({ name, dependencies }) => [name, dependencies]),
  );
  const differing = stacks.filter(
    ({ template }, index) => JSON.stringify(again[index]?.template) !== JSON.stringify(template),
  );
  expect(differing.map(({ name }) => name)).toEqual([]);
});

test('what is uploaded is what runs locally, byte for byte', () => {
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const assets = readdirSync(stages.small.directory).filter((entry) => entry.startsWith('asset.'));
  const uploaded = new Map(
    assets.flatMap((asset) => {
      const files = readdirSync(join(stages.small.directory, asset));
      // The framework that calls the provisioning function is the CDK's.
      return files.length === 1 && files[0]?.endsWith('.cjs')
        ? [[files[0], digest(join(stages.small.directory, asset, files[0]))] as const]
        : [];
    }),
  );
  const local = HANDLERS.map((handler) => [`${handler}.cjs`, digest(functionBundle(directory, handler))] as const);
  expect([...uploaded].sort()).toEqual([...local].sort());
});

const MOST_BYTES = 1_000_000;
/** It knows every store, and the service that moves databases; nobody waits for its start. */
const LARGE: readonly string[] = ['failover'];
const MOST_LARGE_BYTES = 1_250_000;

test('no bundle is larger than its budget', () => {
  for (const handler of HANDLERS) {
    const bytes = readFileSync(functionBundle(directory, handler)).length;
    const mostBytes = LARGE.includes(handler) ? MOST_LARGE_BYTES : MOST_BYTES;
    expect([handler, bytes < mostBytes]).toEqual([handler, true]);
  }
});

interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly { readonly ruleName: string; readonly severity: string }[];
  }[];
}

describe.each(TESTED_STAGES)('stage %s', (name) => {
  test('nothing that cdk-nag or the CDK finds is left unexplained', () => {
    const report: Report = JSON.parse(readFileSync(join(stages[name].directory, 'validation-report.json'), 'utf8'));
    const violations = report.pluginReports.flatMap((one) => one.violations);
    expect(violations.map(({ ruleName, severity }) => `${severity} ${ruleName}`)).toEqual([]);
  });

  test('what is accepted has an exact id and a reason', () => {
    const accepted = stages[name].resources.flatMap(({ metadata }) =>
      list(object(metadata.cdk_nag).rules_to_suppress).map(object),
    );
    expect(accepted.length).toBeGreaterThan(50);
    for (const { id, reason } of accepted as readonly Properties[]) {
      expect(id).toMatch(/^(AwsSolutions|CloudFormation-Validate)/);
      expect(String(reason).length).toBeGreaterThan(20);
      // These rules have a finding for each right: accepting the rule would accept all of them.
      expect(id).toMatch(/IAM[45]\[.+\]$|(?<!IAM[45])$/);
    }
  });
});

/**
 * All of one stage, but for what `regions.test.ts` shows to be alike in both regions. Of the others what stands in A, and
 * one cluster of each unit: what B has otherwise than A, and one cluster otherwise than the next, does not depend on the
 * stage.
 */
function linted({ stage, stacks }: Synthesis): readonly SynthesisedStack[] {
  if (stage.name === 'small') return stacks.filter(({ home, part }) => home === 'A' || !ALIKE.includes(part));
  return stacks.filter(({ home, part }) => home === 'A' && !/^database-.*-\d+$/.test(part));
}

/** Errors only: warnings are about style, such as dependencies that CloudFormation would find by itself. */
async function lint(program: string, templates: readonly string[], regions: readonly string[]): Promise<string[]> {
  const parameters = ['--format', 'json', '--non-zero-exit-code', 'none', '--regions', ...regions, '--', ...templates];
  const { stdout } = await run(program, parameters, { maxBuffer: 2 ** 26 });
  const findings: readonly {
    readonly Level: string;
    readonly Rule: { readonly Id: string };
    readonly Message: string;
    readonly Filename: string;
  }[] = JSON.parse(stdout);
  return findings
    .filter(({ Level }) => Level === 'Error')
    .map(({ Rule, Filename, Message }) => `${Rule.Id} ${Filename}: ${Message}`);
}

/** A minute of its own, on a machine that does nothing else. */
const LINT_MS = 900_000;

test(
  'cfn-lint finds the error that is planted, and no other',
  async () => {
    const program = await ensureCfnLint(() => undefined, new AbortController().signal);
    const wrong = join(directory, 'wrong.template.json');
    const queue = { Type: 'AWS::SQS::Queue', Properties: { Color: 'red' } };
    writeFileSync(wrong, JSON.stringify({ Resources: { Queue: queue } }));
    const templates = TESTED_STAGES.flatMap((name) =>
      linted(stages[name]).map((stack) => join(stages[name].directory, `${stack.name}.template.json`)),
    );
    expect(templates.length).toBeGreaterThan(60);
    const regions = new Set(TESTED_STAGES.flatMap((name) => REGIONS.map((home) => stages[name].stage.regions[home])));
    // One call, because it takes seconds to begin.
    await expect(lint(program, [...templates, wrong], [...regions])).resolves.toEqual([
      expect.stringContaining(`E3002 ${wrong}`),
    ]);
  },
  LINT_MS,
);

/** What changes with every change of the code, and what only tells who made a construct. */
function masked(json: string): string {
  return json
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<digest>')
    .replaceAll(/(Deployment[0-9A-Za-z]*?[0-9A-F]{8})[0-9a-f]{32}/g, '$1<digest>')
    .replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1<digest>')
    .replaceAll(/"[0-9a-f]{16}"/g, '"<digest>"');
}

/** A line for each property of each resource, so that a change is seen where it is. */
function lines({ template }: SynthesisedStack): string {
  const resources = Object.entries(template.Resources ?? {}).map(([id, raw]) => [masked(id), object(raw)] as const);
  return resources
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([id, { Type, Properties: properties, DeletionPolicy }]) => [
      `${id} ${Type} ${DeletionPolicy ?? ''}`.trimEnd(),
      ...Object.entries(object(properties)).map(([name, value]) => `  ${name} ${masked(JSON.stringify(value))}`),
    ])
    .join('\n');
}

test.each([
  'a-keys',
  'a-secrets',
  'a-network',
  'a-peering',
  'a-database-a1',
  'b-database-a1',
  'a-cache',
  'b-search',
  'a-arbiter',
  'a-queues',
  'a-topics',
  'a-switches',
  'a-endpoints',
  'a-functions',
  'a-provision',
  'a-api',
  'a-operations',
  'a-levels',
  'a-backup',
])('stack %s of small is what it was', (part) => {
  const stack = stages.small.stacks.find(({ name }) => name === `twinkeep-small-${part}`);
  expect(stack === undefined ? undefined : lines(stack)).toMatchSnapshot();
});

test('what the snapshots leave out is like what is in them', () => {
  // `regions.test.ts` compares the regions; of the rest each kind of stack is in a snapshot.
  expect(new Set(stages.small.stacks.map(({ part }) => part.replace(/-[ab]1$/, ''))).size).toBe(18);
  expect(systemFunctions(stages.small).length).toBeGreaterThan(0);
});
