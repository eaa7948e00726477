import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { UsageError } from './usage';

/** As the local system takes it, so that commands need not name it again. */
export const DEFAULT_DIRECTORY = process.env.TWINKEEP_DIRECTORY ?? '.local';

const byRegion = <T extends z.ZodType>(value: T) => z.object({ A: value, B: value });

/** What the command needs of the local system's `state.json`. */
const stateSchema = z.object({
  regions: byRegion(z.object({ api: z.string() })),
  aws: z.object({
    endpoint: z.string(),
    regions: byRegion(z.string()),
    accountId: z.string().default('000000000000'),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
  /** Servers on data that was kept aside. */
  kept: z.array(z.object({ server: z.string(), snapshot: z.string(), host: z.string(), port: z.number() })).default([]),
  engines: z.array(z.object({ name: z.string(), host: z.string(), port: z.number() })),
  callers: z.array(z.object({ id: z.string(), apiKey: z.string(), classes: z.array(z.string()) })),
});

export type SystemState = z.infer<typeof stateSchema>;

/** @throws UsageError if no local system runs from the directory */
export async function readState(directory: string): Promise<SystemState> {
  const path = join(resolve(directory), 'state.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `No local system runs from ${directory} (there is no ${path}). Start one with: npm run local`,
      { cause: error },
    );
  }
  const parsed = stateSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new UsageError(`${path} is not the state of a local system.`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
