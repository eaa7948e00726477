import { Redis } from 'ioredis';
import type { Account } from '../../../lambdas/core';
import { ensureTools } from '../../../local/engines';
import { redisEngine } from '../../../local/engines/redis';
import type { Certificate } from '../../support/certificate';
import { freePort, type ScratchEngine, startScratchEngine } from '../../support/scratch-engine';

const OPERATOR: Account = { user: 'operator', password: 'operator-for-tests' };

/** What our functions send, and what the client asks of a cluster for itself; docs/architecture.md says the same. */
const RIGHTS = '~* +@all -@admin -@dangerous +info';

/** A cluster of one node that speaks TLS only, by its host name, and knows who comes; nobody comes without a name. */
export async function startSecuredRedis(
  certificate: Certificate,
  account: Account,
): Promise<{ port: number; engine: ScratchEngine }> {
  const tools = await ensureTools(() => undefined, new AbortController().signal);
  const [port, busPort] = [await freePort(), await freePort()];
  const secured = [
    ...['--port', '0', '--tls-port', String(port), '--tls-cluster', 'yes', '--tls-auth-clients', 'no'],
    ...['--tls-cert-file', certificate.certificateFile, '--tls-key-file', certificate.keyFile],
    ...['--tls-ca-cert-file', certificate.certificateFile],
    ...['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'],
    ...['--user', 'default', 'off', '--user', OPERATOR.user, 'on', `>${OPERATOR.password}`, '~*', '&*', '+@all'],
    ...['--user', account.user, 'on', `>${account.password}`, ...RIGHTS.split(' ')],
  ];
  const operate = async (act: (client: Redis) => Promise<unknown>) => {
    const { user: username, password } = OPERATOR;
    const tls = { ca: certificate.pem, checkServerIdentity: () => undefined };
    const client = new Redis({ port, username, password, tls, lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await act(client);
    } finally {
      client.disconnect();
    }
  };
  const engine = await startScratchEngine((dataDirectory) => {
    const plain = redisEngine({ region: 'A', port, busPort, dataDirectory }, tools);
    const { command, arguments: parameters } = plain.launch();
    return {
      ...plain,
      launch: () => ({ command, arguments: [...parameters, ...secured] }),
      check: () => operate((client) => client.ping()),
      configure: () => operate(serveAllSlots),
    };
  });
  return { port, engine };
}

async function serveAllSlots(client: Redis): Promise<void> {
  await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  while (!String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
}
