import * as z from 'zod/mini';
import { DOMAIN_NAMES, REGIONS, TRAFFIC_CLASSES } from '../../topology';

/** Whether connections are encrypted, and who vouches for the server: whom Node knows (`NODE_EXTRA_CA_CERTS` adds to them), or this authority (PEM). */
const tls = z.union([z.boolean(), z.strictObject({ ca: z.string() })]);
const address = z.strictObject({ host: z.string(), port: z.int(), tls: z.optional(tls) });
/** A server, or what stands before several: `host` takes writes while its region holds the writer. */
const database = z.extend(address, {
  /** Where a region that does not hold the writer answers reads; absent: at `host`, as always. */
  reader: z.optional(z.string()),
});
const byRegion = <T extends z.ZodMiniType>(value: T) => z.strictObject({ A: value, B: value });

/** Where the parts of the system are; the same shape on one machine and in AWS. */
const endpointsSchema = z.strictObject({
  /** Cluster name, then region: where that cluster is in that region, whatever its role of now. */
  databases: z.record(z.string(), byRegion(database)),
  caches: byRegion(z.extend(address, { tls: z._default(tls, false) })),
  domains: z.strictObject(
    Object.fromEntries(DOMAIN_NAMES.map((name) => [name, z.url()])) as Record<
      (typeof DOMAIN_NAMES)[number],
      z.ZodMiniURL
    >,
  ),
  /** Service for which requests to the search domains are signed by the function's role; absent: they are not signed. */
  signing: z.optional(z.enum(['es'])),
  /** Addresses that stand in for those of AWS; absent in AWS. */
  aws: z.optional(z.string()),
  topics: byRegion(z.string()),
  /** Queue URL by queue name. */
  queues: z.record(z.string(), z.string()),
  tablePrefix: z.string(),
});

const account = z.strictObject({ user: z.string(), password: z.string() });

const secretsSchema = z.strictObject({
  database: account,
  /** Of the caches; absent: they ask for none. */
  cache: z.optional(account),
  /** By cluster: who may create users and schemas there; absent: the application itself may, and its user is there. */
  masters: z.optional(z.record(z.string(), account)),
  /** Signs search cursors. */
  cursorKey: z.string().check(z.minLength(16)),
  /** Keys the hashes that stand for contact data where none may be held. */
  contactKey: z.string().check(z.minLength(16)),
});

const parsedJson = z.pipe(
  z.string(),
  z.transform((text: string, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.issues.push({ code: 'custom', message: 'is not JSON', input: 'hidden' });
      return z.NEVER;
    }
  }),
);

/** A value that stands in a variable as JSON. */
export const json = <T extends z.ZodMiniType>(schema: T) => z.pipe(parsedJson, schema);

const environmentSchema = z.object({
  TWINKEEP_STAGE: z.string(),
  TWINKEEP_REGION: z.enum(REGIONS),
  TWINKEEP_FUNCTION: z.string(),
  TWINKEEP_CLASS: z.optional(z.enum(TRAFFIC_CLASSES)),
  TWINKEEP_ENDPOINTS: json(endpointsSchema),
  TWINKEEP_SECRETS: json(secretsSchema),
});

export type Tls = z.infer<typeof tls>;
export type Endpoints = z.infer<typeof endpointsSchema>;
export type Account = z.infer<typeof account>;
export type Secrets = z.infer<typeof secretsSchema>;

/** Configuration of one function, read once when its environment starts. */
export interface Config {
  readonly stage: string;
  readonly region: (typeof REGIONS)[number];
  readonly functionName: string;
  readonly trafficClass: (typeof TRAFFIC_CLASSES)[number] | undefined;
  readonly endpoints: Endpoints;
  readonly secrets: Secrets;
}

/**
 * @param nameOf what people call the place of a wrong value, by the variable and its path within
 * @throws Error naming everything that is missing or wrong (never its value: it may be a secret)
 */
export function readConfig(
  environment: NodeJS.ProcessEnv = process.env,
  nameOf = (path: readonly string[]) => path.join('.'),
): Config {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    throw invalidConfig(parsed.error.issues.map(({ path, message }) => `${nameOf(path.map(String))}: ${message}`));
  }
  const value = parsed.data;
  return Object.freeze({
    stage: value.TWINKEEP_STAGE,
    region: value.TWINKEEP_REGION,
    functionName: value.TWINKEEP_FUNCTION,
    trafficClass: value.TWINKEEP_CLASS,
    endpoints: value.TWINKEEP_ENDPOINTS,
    secrets: value.TWINKEEP_SECRETS,
  });
}

/** @param reasons what is wrong, each by its name */
export function invalidConfig(reasons: readonly string[]): Error {
  return new Error(`The configuration of this function is not valid:\n  ${reasons.join('\n  ')}`);
}
