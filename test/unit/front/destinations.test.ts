import { planPorts } from '../../../local/engines/ports';
import { planLinks } from '../../../local/faults';
import { createDestinations } from '../../../local/front/destinations';
import { planProcesses } from '../../../local/system/process-plan';
import { AWS_REGIONS, type Region } from '../../../topology';

const ports = planPorts(9000, 'links');
const { front } = planProcesses({
  stage: 'local',
  tablePrefix: 'twinkeep-local',
  accountId: '000000000000',
  databaseUser: 'twinkeep',
  ports,
  secrets: {} as never,
  bundleDirectory: '/bundles',
});
const links = planLinks(ports);

/** The name of the link that a call takes, or the port where it takes none. */
function wayOf(service: string, of: Region, at?: Region): string {
  const destination = createDestinations(front, at)({ awsRegion: AWS_REGIONS[of], service }, '/');
  if (destination.kind === 'topic') return `topic ${destination.region}`;
  const port = Number(destination.url.port);
  return links.find((link) => link.port === port)?.name ?? String(port);
}

test('what a region asks of itself stays within it', () => {
  expect(wayOf('sqs', 'A', 'A')).toBe('A-to-sqs-A');
  expect(wayOf('ssm', 'B', 'B')).toBe('B-to-ssm-B');
  expect(wayOf('sns', 'B', 'B')).toBe('topic B');
});

test.each(['sqs', 'ssm', 'sns', 'lambda'])(
  '%s of the other region is reached by the way between the two',
  (service) => {
    expect([wayOf(service, 'B', 'A'), wayOf(service, 'A', 'B')]).toEqual(['A-to-aws-B', 'B-to-aws-A']);
  },
);

test('the arbiter is reached from each region by a way of its own, and by an operator directly', () => {
  expect([wayOf('dynamodb', 'A', 'A'), wayOf('dynamodb', 'B', 'B')]).toEqual(['A-to-arbiter', 'B-to-arbiter']);
  expect(wayOf('dynamodb', 'A')).toBe(String(ports.dynamodb));
});

test('an operator stands in the region that is asked', () => {
  expect([wayOf('ssm', 'A'), wayOf('ssm', 'B'), wayOf('sns', 'A')]).toEqual(['A-to-ssm-A', 'B-to-ssm-B', 'topic A']);
});
