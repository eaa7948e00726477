import { userInfo } from 'node:os';
import type { Arbiter } from '../../lambdas/arbiter';
import { isoTime, systemClock } from '../../lambdas/core';
import { EXIT, UsageError } from '../usage';
import { type Command, textOption } from './command';
import { atArbiter, type Listed, listedOfMember, memberNamed } from './lost';
import { directoryOption } from './system-options';

export const lostSettle: Command = {
  name: 'lost settle',
  synopsis: '<member> [--field F] [--by NAME] --note TEXT',
  summary: 'say that what was listed of a member has been decided, and by whom',
  help: `Changes nothing of the member: what is to be brought back is written by the API, as any caller writes. The audit of the
member's unit keeps who decided, and the note.

  --field F      only the entries of this field, as they are shown
  --by NAME      who decided (default: the user of this machine)
  --note TEXT    what was decided, without personal data
  --directory D  where the local system keeps its state
  --json         as JSON

Exit codes: 0 settled, 1 nothing like that is listed, or it has changed meanwhile, 2 not understood,
3 the arbiter did not answer.`,
  options: {
    ...directoryOption,
    field: { type: 'string' },
    by: { type: 'string' },
    note: { type: 'string' },
  },
  async run(call) {
    const { values, positionals, terminal } = call;
    const memberId = memberNamed(positionals);
    const note = textOption(values, 'note')?.trim() ?? '';
    if (note === '') throw new UsageError('Say with --note what was decided.');
    const by = textOption(values, 'by') ?? userInfo().username;
    const field = textOption(values, 'field');
    return atArbiter(call, async (arbiter) => {
      const open = await listedOfMember(arbiter, memberId);
      const meant = open.filter((entry) => field === undefined || entry.field === field);
      const settled = await settle(arbiter, meant, { by, note });
      if (values.json === true) terminal.out(`${JSON.stringify({ memberId, by, settled })}\n`);
      else terminal.out(settled.map((name) => `member ${memberId}: ${name} is settled\n`).join(''));
      const isWhole = meant.length > 0 && settled.length === meant.length;
      if (!isWhole)
        terminal.error(meant.length === 0 ? 'Nothing like that is listed.\n' : 'Some have changed: look again.\n');
      return isWhole ? EXIT.done : EXIT.failed;
    });
  },
};

/** @returns fields of the entries that were as they had been seen */
async function settle(
  { lost, audit }: Arbiter,
  entries: readonly Listed[],
  { by, note }: { by: string; note: string },
): Promise<string[]> {
  const settled: string[] = [];
  for (const entry of entries) {
    if (await lost.handle(entry.unit, entry, { by, at: isoTime(systemClock.nowMs()) })) settled.push(entry.field);
  }
  const [first] = entries;
  if (first !== undefined && settled.length > 0) {
    await audit.append({
      subject: `unit/${first.unit}`,
      actor: by,
      action: `settled what was listed of member ${first.memberId}`,
      outcome: 'done',
      reason: note,
      detail: { memberId: first.memberId, fields: settled },
    });
  }
  return settled;
}
