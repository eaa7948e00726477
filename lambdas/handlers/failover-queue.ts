import type { Region } from '../../topology';
import type { FailoverOrder } from '../failover';
import { WorkQueue } from '../sync';
import type { Environment } from './environment';

/** The queue of a region's controller, for those who have work for it. */
export interface FailoverQueue {
  /** @throws the client's error if the message was not stored */
  tell(order: FailoverOrder): Promise<void>;
  close(): void;
}

/** @param region whose controller; that of this function unless another is named */
export function openFailoverQueue({ config }: Environment, region: Region = config.region): FailoverQueue {
  const queue = new WorkQueue({ queue: `failover-${region}`, region, endpoints: config.endpoints });
  return { tell: (order) => queue.put(JSON.stringify(order)), close: () => queue.close() };
}
