import { ComparisonOperator, type MathExpression, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { RegionStack } from '../constructs/region-stack';

/** What can be lost, one by one, as docs/operations.md tells it. */
export const LOSSES = ['search', 'cache', 'writer', 'unit', 'region', 'events', 'switches', 'arbiter', 'api'] as const;
export type Loss = (typeof LOSSES)[number];

/** When somebody is told, and of what. */
export interface AlarmDefinition {
  readonly loss: Loss;
  /** What it is called in docs/operations.md; the alarm's name ends in it. */
  readonly name: string;
  /** Of several things that have the same alarm: which one. */
  readonly of?: string;
  readonly says: string;
  readonly metric: Metric | MathExpression;
  readonly threshold: number;
  readonly when: 'above' | 'below';
  readonly periods: number;
  /** Whether hearing nothing is bad news. */
  readonly silence: 'bad' | 'good';
}

export type Alarms = (stack: RegionStack) => AlarmDefinition[];

export function comparison({ when }: AlarmDefinition): ComparisonOperator {
  return when === 'above' ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD;
}

export function missingData({ silence }: AlarmDefinition): TreatMissingData {
  return silence === 'bad' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING;
}
