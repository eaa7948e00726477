import { PORTS_TAKEN, planPorts } from '../../../local/engines/ports';
import { planLinks } from '../../../local/faults';

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

test('the documented ports stand without a base', () => {
  const ports = planPorts();
  expect([ports.console, ports.api.A, ports.api.B, ports.aws]).toEqual([8080, 8081, 8082, 4566]);
});

/** Every port of a system whose network can be cut. */
function allPorts(base?: number): number[] {
  const ports = planPorts(base, 'links');
  const { links, ...others } = ports;
  return [...numbersOf(others), ...numbersOf(links?.entries), ...planLinks(ports).map(({ port }) => port)];
}

test.each([undefined, 9000])('no port is given twice (base %s)', (base) => {
  const numbers = allPorts(base);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('with a base, every port lies in the documented range above it', () => {
  for (const port of allPorts(9000)) {
    expect(port).toBeGreaterThanOrEqual(9000);
    expect(port).toBeLessThan(9000 + PORTS_TAKEN);
  }
});
