import { CONTROL_SCHEMA, type Region } from '../../topology';
import type { Account } from '../core';
import { ensureApplicationUser } from './application-user';
import { schemasOfUnit } from './outbox';
import { Unreachable } from './server';
import { Servers, type ServersOptions } from './servers';
import { CONTROL_TABLES, memberTables } from './tables';

const TIMEOUT_MS = 60_000;

export interface ProvisionOptions extends ServersOptions {
  /** By cluster: who makes the application's user and the schemas; where there is none, the application's user does. */
  readonly masters?: Readonly<Record<string, Account>> | undefined;
}

/** A cluster of a unit, at its writer, and the schemas that are the unit's. */
interface Place {
  readonly cluster: string;
  readonly writer: Region;
  readonly schemas: readonly string[];
}

/**
 * Creates what is missing of a unit: the application's user where a master is given, schemas, the fence under `epoch`, and
 * the lease, not yet granted. Idempotent.
 *
 * @throws Error that names the cluster and says by a code what failed; the client's own would repeat statements, with a password
 */
export async function provisionUnit(
  servers: Servers,
  options: ProvisionOptions,
  unit: { name: string; epoch: number; writer: Region },
): Promise<void> {
  const ranges = schemasOfUnit(unit.name);
  for (const cluster of new Set(ranges.map((range) => range.cluster))) {
    const schemas = ranges.filter((range) => range.cluster === cluster).map((range) => range.schema);
    try {
      await provisionCluster(servers, options, { cluster, writer: unit.writer, schemas }, unit);
    } catch (error) {
      throw new Error(`cluster ${cluster} could not be provisioned: ${reasonOf(error)}`);
    }
  }
}

async function provisionCluster(
  servers: Servers,
  options: ProvisionOptions,
  place: Place,
  unit: { name: string; epoch: number },
): Promise<void> {
  const master = options.masters?.[place.cluster];
  if (master === undefined) await createTables(servers, place);
  else await provisionAsMaster(master, options, place);
  await foundUnit(servers, place, unit);
}

async function provisionAsMaster(master: Account, options: ProvisionOptions, place: Place): Promise<void> {
  const { cluster, writer } = place;
  if (master.user === options.secrets.user) throw new Error("the master is taken for the application's user");
  const servers = new Servers({ ...options, secrets: master, connections: 1 });
  const isEncrypted = (options.endpoints[cluster]?.[writer].tls ?? false) !== false;
  const rights = { schemas: [CONTROL_SCHEMA, ...place.schemas], isEncrypted };
  try {
    await ensureApplicationUser(servers.at(cluster, writer), options.secrets, rights, TIMEOUT_MS);
    await createTables(servers, place);
  } finally {
    await servers.close();
  }
}

async function createTables(servers: Servers, { cluster, writer, schemas }: Place): Promise<void> {
  const server = servers.at(cluster, writer);
  for (const sql of [...CONTROL_TABLES, ...schemas.flatMap(memberTables)]) {
    await server.read({ sql, values: [] }, TIMEOUT_MS);
  }
}

/** As the application's user in any case, so that one who could not write is found now. */
async function foundUnit(
  servers: Servers,
  { cluster, writer }: Place,
  { name, epoch }: { name: string; epoch: number },
): Promise<void> {
  const server = servers.at(cluster, writer);
  const values = [name, epoch];
  await server.read({ sql: `INSERT IGNORE INTO \`${CONTROL_SCHEMA}\`.fence VALUES (?, ?)`, values }, TIMEOUT_MS);
  const sql = `INSERT IGNORE INTO \`${CONTROL_SCHEMA}\`.lease VALUES (?, ?, '2025-01-01', '2025-01-01')`;
  await server.read({ sql, values }, TIMEOUT_MS);
}

function reasonOf(error: unknown): string {
  const { code, message } = (error instanceof Unreachable ? error.cause : error) as Error & { code?: string };
  return code ?? message;
}
