import { readFile } from 'node:fs/promises';
import { acceptedIn } from '../../lambdas/arbiter';
import { type FlowRule, systemClock } from '../../lambdas/core';
import { readOwnRules } from '../../lambdas/switches';
import { type Caller, changeCaller, setRules } from '../../lambdas/traffic';
import { readState } from '../state';
import { described, isIdle, openSwitchSystem, type PreviewedChange, previewTraffic } from '../switches';
import { EXIT, UsageError } from '../usage';
import { announce, atRegistry, callerOf, KNOWN_HELP, ORDER_HELP, orderOf, orderOptions, WHERE_HELP } from './callers';
import { type Command, textOption } from './command';
import { directoryOf, reasonOf } from './system-options';

export const callersRules: Command = {
  name: 'callers rules',
  synopsis: '<id> [--set JSON|@FILE | --clear] [--dry-run]',
  summary: 'show the flow rules that stand with a caller, or replace all of them',
  help: `They are rules like those of traffic/rules, and count beside them; their match names no other caller:
[{"id":"shop-reads","match":{"operation":"getMember"},"algorithm":"token-bucket","ratePerS":200,"burst":400,"mode":"on"}]
What is malformed or contradicts itself is refused, and the former rules stay. ${KNOWN_HELP}

  --set R        the rules, as JSON or from a file
  --clear        none
  --dry-run      change nothing, and say whether they would be accepted; of a local system also how many of the last five minutes'
                 calls would have been refused, and how many without the change
${ORDER_HELP}
${WHERE_HELP}, the rules that stand then

Exit codes: 0 shown or done, 1 refused, or there is no such caller, 2 not understood, 3 the registry did not answer.`,
  options: {
    ...orderOptions,
    set: { type: 'string' },
    clear: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
  },
  async run(call) {
    const { values, positionals } = call;
    const id = callerOf(positionals);
    const text = textOption(values, 'set');
    if (text !== undefined && values.clear === true) throw new UsageError('Say either --set or --clear.');
    const isTrial = values['dry-run'] === true;
    if (text === undefined && values.clear !== true) {
      if (isTrial) throw new UsageError('--dry-run goes with --set or --clear.');
      return withCaller(call, id, ({ rules }) => tell(call, id, rules, 'has'));
    }
    const rules = text === undefined ? [] : await rulesGiven(id, text);
    if (isTrial) {
      return withCaller(call, id, (caller) => {
        warnOfIdleRules(call, { ...caller, rules });
        return tryOut(call, id, rules);
      });
    }
    return atRegistry(call, async (system) => {
      const { caller } = await changeCaller(system.arbiter, systemClock, id, orderOf(values), setRules(rules));
      await announce(system, call);
      warnOfIdleRules(call, caller);
      return tell(call, id, caller.rules, 'has');
    });
  },
};

/**
 * @param text JSON, or `@` and the name of a file that holds it
 * @throws UsageError that says what is wrong with them
 */
export async function rulesGiven(id: string, text: string): Promise<readonly FlowRule[]> {
  const read = readOwnRules(id, parsed(text.startsWith('@') ? await contentOf(text.slice(1)) : text));
  if (read.ok) return read.value;
  throw new UsageError(`These rules are refused: ${read.reasons.join(' ')}`);
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} can't be read.`, { cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('The rules are not JSON. Quote them, or put them into a file and say @FILE.');
  }
}

async function tryOut(call: Parameters<Command['run']>[0], id: string, rules: readonly FlowRule[]): Promise<number> {
  const { values, terminal } = call;
  try {
    const preview = await previewed(values, id, rules);
    if (values.json === true) terminal.out(`${JSON.stringify({ rules, preview })}\n`);
    else {
      tell(call, id, rules, 'would have');
      for (const line of preview === undefined ? [] : described(preview)) terminal.out(`${line}\n`);
    }
    return EXIT.done;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    terminal.error(`They would be accepted; what they would have done can't be told now: ${reasonOf(error)}\n`);
    return EXIT.unreachable;
  }
}

/** Undefined for a stage in AWS: what its functions have counted can't be read from outside. */
async function previewed(
  values: Parameters<Command['run']>[0]['values'],
  id: string,
  rules: readonly FlowRule[],
): Promise<PreviewedChange | undefined> {
  if (textOption(values, 'stage') !== undefined) return undefined;
  const system = openSwitchSystem(await readState(directoryOf(values)));
  try {
    const accepted = acceptedIn(await system.arbiter.decisions.switchBook());
    const settings = Object.fromEntries(accepted.map(({ name, value }) => [name, value]));
    return await previewTraffic(system, settings, { own: { caller: id, rules } });
  } finally {
    await system.close();
  }
}

/** Rules of classes that the caller may not use: they stand there for nothing until it may. */
export function idleRules({ rules, classes }: Pick<Caller, 'rules' | 'classes'>): readonly FlowRule[] {
  return rules.filter(({ match }) => isIdle(match, classes));
}

function warnOfIdleRules({ terminal }: Parameters<Command['run']>[0], caller: Caller): void {
  for (const { id, match } of idleRules(caller)) {
    terminal.error(`Rule ${id} limits nothing: caller ${caller.id} may not use class ${match.class}.\n`);
  }
}

function withCaller(
  call: Parameters<Command['run']>[0],
  id: string,
  act: (caller: Caller) => number | Promise<number>,
): Promise<number> {
  return atRegistry(call, async ({ arbiter }) => {
    const caller = await arbiter.callers.find(id, 'strong');
    if (caller !== undefined) return act(caller);
    call.terminal.error(`There is no caller ${id}. See: twinkeep callers list\n`);
    return EXIT.failed;
  });
}

function tell(
  { values, terminal }: Parameters<Command['run']>[0],
  id: string,
  rules: readonly FlowRule[],
  has: 'has' | 'would have',
): number {
  if (values.json === true) terminal.out(`${JSON.stringify(rules)}\n`);
  else if (rules.length === 0) terminal.out(`Caller ${id} ${has} no rules of its own.\n`);
  else terminal.out(`Caller ${id} ${has}:\n${rules.map((rule) => `  ${JSON.stringify(rule)}\n`).join('')}`);
  return EXIT.done;
}
