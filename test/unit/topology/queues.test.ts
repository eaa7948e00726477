import { FUNCTIONS, QUEUES } from '../../../topology';

test('every queue is read by one function, in its own region', () => {
  const readers = QUEUES.map(({ name, region }) => ({
    name,
    regions: FUNCTIONS.filter(({ trigger }) => trigger.kind === 'queue' && trigger.queue === name).map(
      (reader) => reader.regions,
    ),
    region,
  }));
  for (const { name, regions, region } of readers) expect({ name, regions }).toEqual({ name, regions: [[region]] });
});
