import { CONTROL_SCHEMA, type Region } from '../../topology';
import { schemasOfUnit } from './outbox';
import type { Servers } from './servers';
import { CONTROL_TABLES, memberTables } from './tables';

const TIMEOUT_MS = 60_000;

/** Creates what is missing of a unit's schemas, its fence under `epoch`, and its lease, not yet granted. Idempotent. */
export async function provisionUnit(
  servers: Servers,
  unit: { name: string; epoch: number; writer: Region },
): Promise<void> {
  for (const cluster of new Set(schemasOfUnit(unit.name).map((place) => place.cluster))) {
    const server = servers.at(cluster, unit.writer);
    const schemas = schemasOfUnit(unit.name).filter((place) => place.cluster === cluster);
    for (const sql of [...CONTROL_TABLES, ...schemas.flatMap((place) => memberTables(place.schema))]) {
      await server.read({ sql, values: [] }, TIMEOUT_MS);
    }
    await server.read(
      { sql: `INSERT IGNORE INTO \`${CONTROL_SCHEMA}\`.fence VALUES (?, ?)`, values: [unit.name, unit.epoch] },
      TIMEOUT_MS,
    );
    await server.read(
      {
        sql: `INSERT IGNORE INTO \`${CONTROL_SCHEMA}\`.lease VALUES (?, ?, '2025-01-01', '2025-01-01')`,
        values: [unit.name, unit.epoch],
      },
      TIMEOUT_MS,
    );
  }
}
