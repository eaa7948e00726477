import { EXIT } from '../usage';
import type { Command } from './command';
import { atArbiter, type Listed, listedOfMember, memberNamed } from './lost';
import { directoryOption } from './system-options';

export const lostShow: Command = {
  name: 'lost show',
  synopsis: '<member>',
  summary: 'show what of a member could not be ordered: the values, and what the member has instead',
  help: `Shows personal data, with what was handled before.

  --directory D  where the local system keeps its state
  --json         as JSON, one entry a line

Exit codes: 0 shown, 1 nothing of the member is listed, 2 not understood, 3 the arbiter did not answer.`,
  options: directoryOption,
  async run(call) {
    const { values, positionals, terminal } = call;
    const memberId = memberNamed(positionals);
    return atArbiter(call, async (arbiter) => {
      const listed = await listedOfMember(arbiter, memberId, 'handled');
      terminal.out(
        listed.map((entry) => (values.json === true ? `${JSON.stringify(entry)}\n` : asText(entry))).join(''),
      );
      if (listed.length === 0) terminal.error(`Nothing of member ${memberId} is listed.\n`);
      return listed.length > 0 ? EXIT.done : EXIT.failed;
    });
  },
};

function asText({ field, epoch, version, reason, listedAt, value, kept, base, operationId, handled }: Listed): string {
  return [
    `${field}  version ${version} of epoch ${epoch}: ${reason}`,
    `  listed ${listedAt}${operationId === '' ? '' : `, written by operation ${operationId}`}`,
    `  it was     ${JSON.stringify(base)}`,
    `  was lost   ${JSON.stringify(value)}`,
    `  member has ${JSON.stringify(kept)}`,
    ...(handled === undefined ? [] : [`  handled by ${handled.by}, ${handled.at}`]),
    '',
  ].join('\n');
}
