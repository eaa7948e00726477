import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Bundles } from '../bundles';
import type { StageConfiguration } from '../configuration';
import { buildSystem } from '../system';

/** Resources of one type, by stack. */
export interface Created {
  readonly stack: string;
  readonly type: string;
  readonly count: number;
}

export type CreatedCounts = (type: string) => number;

export function countsOf(created: readonly Created[]): CreatedCounts {
  return (type) => created.filter((one) => one.type === type).reduce((sum, { count }) => sum + count, 0);
}

/** What the stacks of a stage hold. They are built and not synthesised, with code that stands for the functions'. */
export function createdBy(stage: StageConfiguration, context: Readonly<Record<string, unknown>>): readonly Created[] {
  const directory = mkdtempSync(join(tmpdir(), 'twinkeep-plan-'));
  try {
    const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] }, outdir: join(directory, 'out') });
    buildSystem(app, stage, placeholders(directory));
    const stacks = app.node.findAll().filter((construct): construct is Stack => Stack.isStack(construct));
    return stacks.flatMap(resourcesOf);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function placeholders(directory: string): Bundles {
  return {
    directory: (handler) => {
      const path = join(directory, handler);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, `${handler}.cjs`), '');
      return path;
    },
    digest: () => '',
  };
}

/** What alarms look at: they are charged for by these. */
export const ALARM_METRICS = 'metrics of AWS::CloudWatch::Alarm';

function resourcesOf(stack: Stack): Created[] {
  const counts = new Map<string, number>();
  const add = (type: string, count: number) => counts.set(type, (counts.get(type) ?? 0) + count);
  for (const construct of stack.node.findAll()) {
    if (!CfnResource.isCfnResource(construct)) continue;
    add(construct.cfnResourceType, 1);
    if (construct instanceof CfnAlarm) add(ALARM_METRICS, metricsOf(construct));
  }
  return [...counts].sort().map(([type, count]) => ({ stack: stack.stackName, type, count }));
}

function metricsOf({ metrics }: CfnAlarm): number {
  const queries = Array.isArray(metrics) ? metrics : [];
  const stated = queries.filter((query) => 'metricStat' in query && query.metricStat !== undefined);
  return Math.max(1, stated.length);
}
