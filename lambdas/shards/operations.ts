import type { Region } from '../../topology';
import type { SchemaPlace } from './outbox';
import type { Servers } from './servers';

/** Longer than a message can stand in a queue and then among its dead letters: nothing that asks comes later. */
const KEPT_DAYS = 30;
const ROWS_AT_ONCE = 1000;
const TIMEOUT_MS = 5000;

/** Forgets decided operations that nobody can ask about any more, a bounded number at a time. */
export async function forgetOperations(servers: Servers, place: SchemaPlace, writer: Region): Promise<void> {
  await servers.at(place.cluster, writer).read(
    {
      sql: `DELETE FROM \`${place.schema}\`.operation WHERE decided_at < NOW(6) - INTERVAL ${KEPT_DAYS} DAY LIMIT ?`,
      values: [ROWS_AT_ONCE],
    },
    TIMEOUT_MS,
  );
}
