import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINES, LOSSES } from '../../lib/alarms';
import { FAULT_MARKS } from '../../lib/alarms/faults';
import { QUEUES, REGIONS } from '../../topology';
import { ROOT } from './support/app';
import {
  list,
  object,
  ofType,
  type Resource,
  type Synthesis,
  TESTED_STAGES,
  type TestedStage,
  testedStages,
  text,
} from './support/synthesis';

const stages = testedStages();

const DOCUMENT = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
const DESCRIBED = /See docs\/operations\.md, ([a-z-]+)\.$/;

/** Alarms that call people; the others roll deployments back. */
function calling(synthesis: Synthesis): Resource[] {
  return ofType(synthesis, 'AWS::CloudWatch::Alarm').filter(({ stack }) => stack.endsWith('-operations'));
}

function kindOf({ properties }: Resource): string {
  return DESCRIBED.exec(text(properties.AlarmDescription))?.[1] ?? `no kind: ${text(properties.AlarmDescription)}`;
}

test.each(TESTED_STAGES)('every kind of alarm of %s has a row in the document, and every row an alarm', (name) => {
  const rows = [...DOCUMENT.matchAll(/^\| ([a-z]+(?:-[a-z]+)+) \|/gm)].map(([, kind]) => kind);
  const composite = ofType(stages[name], 'AWS::CloudWatch::CompositeAlarm');
  const kinds = new Set([...calling(stages[name]), ...composite].map(kindOf));
  const hasEntry = stages[name].stage.internalEntry.kind !== 'none';
  expect([...kinds].sort()).toEqual(rows.filter((row) => hasEntry || row !== 'entry-failing').sort());
});

test.each(TESTED_STAGES)('every alarm of %s is told to the topic of its region, and so is its end', (name) => {
  for (const { properties, id } of calling(stages[name])) {
    for (const actions of [properties.AlarmActions, properties.OKActions]) {
      expect([id, list(actions).map(text)]).toEqual([id, [expect.stringMatching(/^<Alarms\w+>$/)]]);
    }
  }
});

test('alarms may publish to the topics that they are told to', () => {
  for (const [index, { properties }] of alarmPolicies().entries()) {
    const [topic] = ofType(stages.small, 'AWS::SNS::Topic')
      .filter(({ id }) => id.startsWith('Alarms'))
      .slice(index);
    const statements = list(object(properties.PolicyDocument).Statement).map(object);
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(object(allowed[0]?.Principal).Service).toBe('cloudwatch.amazonaws.com');
    expect(text(allowed[0]?.Resource)).toBe(`<${topic?.id}>`);
  }
  expect(alarmPolicies()).toHaveLength(2);
});

function alarmPolicies(): Resource[] {
  return ofType(stages.small, 'AWS::SNS::TopicPolicy').filter(({ stack }) => stack.endsWith('-operations'));
}

test.each(REGIONS)('region %s has alarms for everything that can be lost, and shows them', (region) => {
  const [dashboard] = ofType(stages.small, 'AWS::CloudWatch::Dashboard').filter(
    ({ home, stack }) => home === region && stack.endsWith('-operations'),
  );
  const body = text(dashboard?.properties.DashboardBody);
  const alarms = calling(stages.small).filter(({ home }) => home === region);
  for (const { id } of alarms) expect(body).toContain(id);
  expect(body.match(/## /g)).toHaveLength(LOSSES.length);
  expect(body.match(/"alarms":\[\]/g)).toBeNull();
});

test('what shows a fault is there: its alarms in AWS, its line here, and a row in the document', () => {
  const kinds = new Set(calling(stages.small).map(kindOf));
  const sources = ['lambdas', 'local'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
  for (const { fault, alarms, line } of FAULT_MARKS) {
    expect([fault, alarms.filter((alarm) => !kinds.has(alarm))]).toEqual([fault, []]);
    expect([fault, sources.some((source) => source.includes(`'${line}'`))]).toEqual([fault, true]);
    expect(DOCUMENT).toContain(`| ${fault} | ${alarms.join(', ')} | \`${line}\` |`);
  }
});

test('no alarm waits for a line that no function writes', () => {
  const sources = readdirSync(join(ROOT, 'lambdas'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, 'lambdas', file), 'utf8'));
  for (const { message } of LINES) {
    expect([message, sources.some((source) => source.includes(`'${message}'`))]).toEqual([message, true]);
  }
  const patterns = ofType(stages.small, 'AWS::Logs::MetricFilter').map(({ properties }) => properties.FilterPattern);
  expect(patterns).toEqual(REGIONS.flatMap(() => LINES.map(({ message }) => `{ $.message = "${message}" }`)));
});

test('operators are told by e-mail where the stage names an address', () => {
  const emails = (name: TestedStage) =>
    ofType(stages[name], 'AWS::SNS::Subscription')
      .filter(({ properties }) => properties.Protocol === 'email')
      .map(({ properties }) => properties.Endpoint);
  expect(emails('own')).toEqual(['operators@example.com', 'operators@example.com']);
  expect(emails('small')).toEqual([]);
});

test('what is true is backed up daily: the databases where they are written, and the arbiter once', () => {
  const selected = ofType(stages.own, 'AWS::Backup::BackupSelection').map(({ home, properties }) => {
    const { Resources } = properties.BackupSelection as { Resources: string[] };
    return [home, Resources.map((arn) => text(arn).split(':').slice(5).join(':'))];
  });
  const tables = ['claims', 'decisions', 'journal', 'callers'].map((table) => `table/twinkeep-acme-${table}`);
  expect(selected).toEqual([
    ['A', ['cluster:twinkeep-acme-a-a1', 'cluster:twinkeep-acme-a-a1-2', ...tables]],
    ['B', ['cluster:twinkeep-acme-b-b1', 'cluster:twinkeep-acme-b-b1-2']],
  ]);
});

test.each(TESTED_STAGES)(
  'a queue of %s whose messages come back again and again is told, though SQS shows them no age',
  (name) => {
    const prefix = `twinkeep-${stages[name].stage.name}`;
    const told = calling(stages[name])
      .filter((alarm) => kindOf(alarm) === 'queue-stuck')
      .map(({ home, properties }) => {
        const metrics = list(properties.Metrics).map(object);
        const stats = metrics.flatMap(({ MetricStat, Id }) =>
          MetricStat === undefined ? [] : [[text(Id), object(MetricStat)] as const],
        );
        const expression = text(metrics.find(({ Expression }) => Expression !== undefined)?.Expression);
        for (const [id] of stats) expect(expression).toContain(`FILL(${id}, 0)`);
        return {
          home,
          of: new Set(stats.map(([, { Metric }]) => text(object(list(object(Metric).Dimensions)[0]).Value))),
          metrics: stats.map(([, { Metric, Stat }]) => `${text(Stat)} ${text(object(Metric).MetricName)}`).sort(),
          ends: [properties.TreatMissingData, properties.Threshold, properties.EvaluationPeriods],
        };
      });
    const events = QUEUES.filter(({ kind }) => kind === 'events');
    expect(told).toEqual(
      REGIONS.flatMap((home) =>
        events
          .filter(({ region }) => region === home)
          .map((queue) => ({
            home,
            of: new Set([`${prefix}-${queue.name}`]),
            metrics: [
              'Maximum ApproximateNumberOfMessagesNotVisible',
              'Maximum ApproximateNumberOfMessagesVisible',
              'Sum NumberOfMessagesDeleted',
            ],
            ends: ['notBreaching', 0, 5],
          })),
      ),
    );
  },
);
