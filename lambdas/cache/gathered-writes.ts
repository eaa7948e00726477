import type { Cluster, Redis } from 'ioredis';

type Connection = Redis['stream'];

/**
 * Lets all that is written to a connection in one turn of the event loop leave it together: a call of the kernel costs
 * more than a command. The client's own automatic pipelining does the same at three times the CPU time, because it makes
 * an object with hundreds of methods for each turn.
 */
export function gatherWrites(cluster: Cluster): void {
  cluster.on('+node', (node: Redis) => {
    node.on('connect', () => gather(node.stream));
  });
}

function gather(connection: Connection): void {
  const write = connection.write.bind(connection) as (...parameters: unknown[]) => boolean;
  let isGathering = false;
  const release = () => {
    isGathering = false;
    connection.uncork();
  };
  connection.write = (...parameters: unknown[]) => {
    if (!isGathering) {
      isGathering = true;
      connection.cork();
      setImmediate(release);
    }
    return write(...parameters);
  };
}
