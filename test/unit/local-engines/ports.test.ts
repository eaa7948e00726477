import { PORTS_TAKEN, planPorts } from '../../../local/engines/ports';

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

test('the documented ports stand without a base', () => {
  const ports = planPorts();
  expect([ports.console, ports.api.A, ports.api.B, ports.aws]).toEqual([8080, 8081, 8082, 4566]);
});

test.each([undefined, 9000])('no port is given twice (base %s)', (base) => {
  const numbers = numbersOf(planPorts(base));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('with a base, every port lies in the documented range above it', () => {
  for (const port of numbersOf(planPorts(9000))) {
    expect(port).toBeGreaterThanOrEqual(9000);
    expect(port).toBeLessThan(9000 + PORTS_TAKEN);
  }
});
