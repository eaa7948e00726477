import { systemClock } from '../../../lambdas/core';
import { createShards } from '../../../lambdas/shards';

/** A process of its own, because authorities are read once for each: says whether it reaches the server it is told of. */
const { endpoints, secrets } = JSON.parse(process.argv[2] ?? '{}');
const shards = createShards({ endpoints, secrets, connections: 1, clock: systemClock });
shards
  .ping('a1', 'A', 10_000)
  .then(
    () => 'reached',
    (error: Error) => String(error.cause),
  )
  .then(console.log)
  .finally(() => shards.close());
