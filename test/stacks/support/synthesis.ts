import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStage, type StageConfiguration } from '../../../lib/configuration';
import type { Region } from '../../../topology';
import { appOutputs } from './app';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Properties = { readonly [name: string]: Json };

export interface Resource {
  readonly stack: string;
  readonly home: Region;
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
  readonly dependsOn: readonly string[];
  readonly metadata: Properties;
}

export interface SynthesisedStack {
  readonly name: string;
  readonly home: Region;
  /** The name without that of its stage and region: `network`. */
  readonly part: string;
  readonly template: { readonly Resources?: Readonly<Record<string, Json>>; readonly Outputs?: Properties };
  readonly dependencies: readonly string[];
}

/** What the app makes of a stage. */
export interface Synthesis {
  readonly stage: StageConfiguration;
  readonly directory: string;
  readonly stacks: readonly SynthesisedStack[];
  readonly resources: readonly Resource[];
}

/** The stages that are tested, as they are told to the CDK; `own` has what the named ones leave out. */
const STAGES = { small: 'small', large: 'large', own: join(__dirname, 'own-stage.json') } as const;
export type TestedStage = keyof typeof STAGES;
export const TESTED_STAGES = Object.keys(STAGES) as TestedStage[];

export async function synthesised(name: TestedStage): Promise<Synthesis> {
  const directory = join((await appOutputs(STAGES)).directory, name);
  const stacks = readStacks(directory);
  return { stage: readStage(STAGES[name]), directory, stacks, resources: stacks.flatMap(resourcesOf) };
}

/** Stacks that are the same in both regions but for names, blocks and the regions themselves. */
export const ALIKE: readonly string[] = ['keys', 'network', 'cache', 'api', 'entry'];

/** What a second synthesis of `small` makes. */
export async function smallAgain(): Promise<readonly SynthesisedStack[]> {
  return readStacks((await appOutputs(STAGES)).again);
}

/** Only ends what hangs: it gives way to whatever else the machine does. */
export const SYNTHESIS_MS = 1_200_000;

/** The tested stages, synthesised before the first test of the file that asks for them. */
export function testedStages(): Readonly<Record<TestedStage, Synthesis>> {
  const stages = {} as Record<TestedStage, Synthesis>;
  beforeAll(async () => {
    await Promise.all(TESTED_STAGES.map(async (name) => Object.assign(stages, { [name]: await synthesised(name) })));
  }, SYNTHESIS_MS);
  return stages;
}

interface Manifest {
  readonly artifacts: Readonly<
    Record<string, { readonly type: string; readonly dependencies?: readonly string[]; readonly properties: object }>
  >;
}

function readStacks(directory: string): SynthesisedStack[] {
  const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Manifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  return stacks.map(([name, { dependencies = [] }]) => {
    const [, , region = '', ...part] = name.split('-');
    return {
      name,
      home: region.toUpperCase() as Region,
      part: part.join('-'),
      template: JSON.parse(readFileSync(join(directory, `${name}.template.json`), 'utf8')),
      dependencies: dependencies.filter((dependency) => !dependency.endsWith('.assets')),
    };
  });
}

function resourcesOf({ name, home, template }: SynthesisedStack): Resource[] {
  return Object.entries(template.Resources ?? {}).map(([id, raw]) => {
    const { Type, Properties, DeletionPolicy, UpdateReplacePolicy, DependsOn, Metadata } = raw as Properties;
    return {
      stack: name,
      home,
      id,
      type: Type as string,
      properties: (Properties ?? {}) as Properties,
      deletionPolicy: DeletionPolicy as string | undefined,
      updateReplacePolicy: UpdateReplacePolicy as string | undefined,
      dependsOn: list(DependsOn).map(text),
      metadata: (Metadata ?? {}) as Properties,
    };
  });
}

export function ofType({ resources }: Pick<Synthesis, 'resources'>, type: string): Resource[] {
  return resources.filter((resource) => resource.type === type);
}

/** A value as text, with what only a deployment knows in angle brackets: `arn:<AWS.Partition>:sqs:us-east-1:...`. */
export function text(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const [[name = '', argument] = []] = Object.entries(value);
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, Json[]];
    return parts.map(text).join(separator);
  }
  if (name === 'Ref') return `<${(argument as string).replace('::', '.')}>`;
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (name === 'Fn::GetStackOutput') {
    const { StackName, OutputName } = argument as Properties;
    return `<${StackName}.${OutputName}>`;
  }
  return JSON.stringify(value);
}

export function list(value: Json | undefined): Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** A property that is an object. */
export function object(value: Json | undefined): Properties {
  return (value ?? {}) as Properties;
}
