import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../core';
import { errorType } from './answers';
import type { DomainAnswer, DomainConnection } from './connection';
import { additionsBody, INDICES, type IndexDefinition, type IndexNames, indexBody } from './indices';

interface ProvisionParts {
  readonly connection: DomainConnection;
  readonly names: IndexNames;
  readonly replicas: number;
  readonly log: Log;
}

/** Makes the indices and checks that the domain is as this room needs it. @throws Error that says what is wrong */
export async function provisionDomain(parts: ProvisionParts, signal: AbortSignal): Promise<void> {
  const { connection, names } = parts;
  await refuseAccidentalIndices(connection, signal);
  for (const index of INDICES) await createIndex(parts, index, signal);
  const wrong = await wrongIndices(connection, names, signal);
  if (wrong.length > 0) throw new Error(`the mapping of ${wrong.join(', ')} is not the one that this room needs`);
  await checkThreadPools(connection, signal);
}

/** Without it a write to an index that someone removed would make a new one, with guessed fields. */
async function refuseAccidentalIndices(connection: DomainConnection, signal: AbortSignal): Promise<void> {
  const refused = INDICES.map(({ name }) => `-*${name}`).join(',');
  const body = JSON.stringify({ persistent: { 'action.auto_create_index': `${refused},+*` } });
  requireOk(await connection.send({ method: 'PUT', path: '/_cluster/settings', body }, signal), 'cluster settings');
}

/** One that is there gets the fields that it lacks; what cannot be added is found by whoever looks at the mapping. */
async function createIndex(
  { connection, names, replicas, log }: ProvisionParts,
  index: IndexDefinition,
  signal: AbortSignal,
): Promise<void> {
  const name = names[index.name];
  const made = { method: 'PUT', path: `/${name}`, body: indexBody(index, replicas) } as const;
  const answer = await connection.send(made, signal);
  if (errorType(answer.body) === 'resource_already_exists_exception') {
    await connection.send({ method: 'PUT', path: `/${name}/_mapping`, body: additionsBody(index) }, signal);
    return;
  }
  requireOk(answer, `index ${name}`);
  log.info('made an index', { index: name });
}

/** Names of indices that are missing or have another mapping: in them a write could be kept in a wrong form. */
export async function wrongIndices(
  connection: DomainConnection,
  names: IndexNames,
  signal: AbortSignal,
): Promise<string[]> {
  const path = `/${names.members},${names.lookups}/_mapping`;
  const { status, body } = await connection.send({ method: 'GET', path }, signal);
  if (status !== 200) return Object.values(names);
  const found = body as Record<string, { mappings?: unknown }>;
  return INDICES.filter(({ name, mapping }) => !isDeepStrictEqual(found[names[name]]?.mappings, mapping)).map(
    ({ name }) => names[name],
  );
}

export interface NodeInfo {
  readonly name?: string;
  readonly os?: { readonly allocated_processors?: number };
  readonly thread_pool?: { readonly search?: { readonly size?: number; readonly queue_size?: number } };
}

/** The engine's own rule: one thread and a half for each processor, and one. What does not fit in its queue is rejected. */
export function reasonAgainstSearchPool(node: NodeInfo): string | undefined {
  const { size, queue_size: queueSize } = node.thread_pool?.search ?? {};
  if (queueSize === undefined || queueSize < 1) return 'the queue of its search threads is not bounded';
  const processors = node.os?.allocated_processors;
  // A managed domain may keep its processors to itself.
  if (processors === undefined) return undefined;
  const expected = Math.floor((processors * 3) / 2) + 1;
  return size === expected ? undefined : `it has ${size} search threads, not ${expected}`;
}

async function checkThreadPools(connection: DomainConnection, signal: AbortSignal): Promise<void> {
  const query = { filter_path: 'nodes.*.name,nodes.*.os.allocated_processors,nodes.*.thread_pool.search' };
  const answer = await connection.send({ method: 'GET', path: '/_nodes/os,thread_pool', query }, signal);
  requireOk(answer, 'node information');
  const { nodes = {} } = answer.body as { nodes?: Record<string, NodeInfo> };
  for (const node of Object.values(nodes)) {
    const reason = reasonAgainstSearchPool(node);
    if (reason !== undefined) throw new Error(`node ${node.name}: ${reason}`);
  }
}

function requireOk({ status, body }: DomainAnswer, what: string): void {
  if (status !== 200) throw new Error(`${what}: the domain answered ${status} (${errorType(body)})`);
}
