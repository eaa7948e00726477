import * as z from 'zod/mini';
import { DOMAIN_NAMES, type DomainName, switchNamed, UNITS } from '../../topology';

/** What the queue `failover-<region>` brings. */
export type FailoverMessage =
  /** A parameter was changed in this region. Its name need not be that of a switch. */
  | { readonly kind: 'parameter'; readonly parameter: string; readonly name: string | undefined }
  /** A unit's transition is to go as far as it can. */
  | { readonly kind: 'advance'; readonly unit: string }
  /** A search domain that was away is to be brought back, from where that has come to. */
  | { readonly kind: 'readmit'; readonly domain: DomainName }
  /** What was decided is to be laid into the caches at once, and not by the next heartbeat. */
  | { readonly kind: 'publish' }
  /** Whoever decides by itself is to look again. */
  | { readonly kind: 'look' };

/** What parts of the system ask for; changes of parameters are told by AWS. */
export type FailoverOrder = Exclude<FailoverMessage, { kind: 'parameter' }>;

/** As EventBridge tells of a parameter that was created, overwritten or deleted. */
const parameterEvent = z.object({
  source: z.literal('aws.ssm'),
  'detail-type': z.literal('Parameter Store Change'),
  detail: z.object({ name: z.string() }),
});
const work = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('advance'), unit: z.enum(UNITS.map(({ name }) => name)) }),
  z.strictObject({ kind: z.literal('readmit'), domain: z.enum(DOMAIN_NAMES) }),
  z.strictObject({ kind: z.literal('publish') }),
  z.strictObject({ kind: z.literal('look') }),
]);

/** @throws Error that says what is wrong, without the message's text */
export function readFailoverMessage(stage: string, body: string): FailoverMessage {
  const told = parsed(body);
  const event = parameterEvent.safeParse(told);
  if (event.success) {
    const parameter = event.data.detail.name;
    return { kind: 'parameter', parameter, name: switchNamed(stage, parameter) };
  }
  const order = work.safeParse(told);
  if (order.success) return order.data;
  throw new Error('the message is neither the change of a parameter nor work for a unit that exists');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error('the message is not JSON');
  }
}
