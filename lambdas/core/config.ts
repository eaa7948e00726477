import * as z from 'zod';
import { DOMAIN_NAMES, REGIONS, TRAFFIC_CLASSES } from '../../topology';

const address = z.strictObject({ host: z.string(), port: z.number().int() });
const byRegion = <T extends z.ZodType>(value: T) => z.strictObject({ A: value, B: value });

/** Where the parts of the system are; the same shape on one machine and in AWS. */
const endpointsSchema = z.strictObject({
  /** Cluster name, then region: the server of that cluster in that region, whatever its role of now. */
  databases: z.record(z.string(), byRegion(address)),
  caches: byRegion(address.extend({ tls: z.boolean().default(false) })),
  domains: z.strictObject(
    Object.fromEntries(DOMAIN_NAMES.map((name) => [name, z.string()])) as Record<
      (typeof DOMAIN_NAMES)[number],
      z.ZodString
    >,
  ),
  /** Addresses that stand in for those of AWS; absent in AWS. */
  aws: z.string().optional(),
  topics: byRegion(z.string()),
  /** Queue URL by queue name. */
  queues: z.record(z.string(), z.string()),
  tablePrefix: z.string(),
});

const secretsSchema = z.strictObject({
  database: z.strictObject({ user: z.string(), password: z.string() }),
  /** Signs search cursors. */
  cursorKey: z.string().min(16),
  /** Keys the hashes that stand for contact data where none may be held. */
  contactKey: z.string().min(16),
});

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const environmentSchema = z.object({
  TWINKEEP_STAGE: z.string(),
  TWINKEEP_REGION: z.enum(REGIONS),
  TWINKEEP_FUNCTION: z.string(),
  TWINKEEP_CLASS: z.enum(TRAFFIC_CLASSES).optional(),
  TWINKEEP_ENDPOINTS: json(endpointsSchema),
  TWINKEEP_SECRETS: json(secretsSchema),
});

export type Endpoints = z.infer<typeof endpointsSchema>;
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

/** @throws Error naming every variable that is missing or wrong (never its value: it may be a secret) */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment of this function is not valid:\n  ${reasons.join('\n  ')}`);
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
