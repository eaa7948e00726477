import { parseArgs } from 'node:util';
import { DEFAULT_SEED, type GenerateOptions, generateMembers } from './members/generate';

const USAGE = `npm run members -- --members N --out members.csv [options]

  --members N        how many members (default 5000)
  --out F            where they are written
  --broken F         a second file, with lines broken on purpose between good ones
  --expect F         what an import of the second file must say, line by line, as JSON
  --seed N           other members (default ${DEFAULT_SEED}); the same seed makes the same bytes everywhere
`;

class UsageError extends Error {}

function readOptions(words: readonly string[]): GenerateOptions | 'help' {
  const { values } = parseArgs({
    args: [...words],
    options: {
      members: { type: 'string', default: '5000' },
      out: { type: 'string' },
      broken: { type: 'string' },
      expect: { type: 'string' },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { out, broken, expect } = values;
  if (out === undefined) throw new UsageError('--out says where the members are written.');
  if (expect !== undefined && broken === undefined) throw new UsageError('--expect is about the file of --broken.');
  return {
    out,
    members: readNumber('members', values.members),
    seed: readNumber('seed', values.seed),
    ...(broken === undefined ? {} : { broken }),
    ...(expect === undefined ? {} : { expect }),
  };
}

function readNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} must be a whole number, not ${text}.`);
}

async function main(words: readonly string[]): Promise<number> {
  try {
    const options = readOptions(words);
    if (options === 'help') process.stdout.write(USAGE);
    else await generateMembers(options);
    return 0;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS') && !code.startsWith('E')) throw error;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
