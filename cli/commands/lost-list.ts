import { EXIT } from '../usage';
import { type Command, table } from './command';
import { atArbiter, type Listed, listedOf, unitsNamed } from './lost';
import { directoryOption } from './system-options';

export const lostList: Command = {
  name: 'lost list',
  synopsis: '[<unit>] [--handled]',
  summary: 'list what a failover or a comparison found and could not order: someone has to decide',
  help: `Values are not shown here; they are personal data. See: twinkeep lost show <member>

  --handled      with what someone has decided about
  --directory D  where the local system keeps its state
  --json         as JSON, one entry a line

Exit codes: 0 listed, 2 not understood, 3 the arbiter did not answer.`,
  options: { ...directoryOption, handled: { type: 'boolean', default: false } },
  async run(call) {
    const { values, positionals, terminal } = call;
    const units = unitsNamed(positionals);
    return atArbiter(call, async (arbiter) => {
      const listed = await listedOf(arbiter, units, values.handled === true ? 'handled' : undefined);
      if (values.json === true)
        terminal.out(listed.map((entry) => `${JSON.stringify(withoutValues(entry))}\n`).join(''));
      else terminal.out(listed.length === 0 ? 'Nothing is to be decided.\n' : table([HEADING, ...listed.map(cellsOf)]));
      return EXIT.done;
    });
  },
};

const HEADING = ['MEMBER', 'UNIT', 'EPOCH', 'VERSION', 'FIELD', 'REASON', 'SINCE', 'HANDLED BY'];

function cellsOf({ memberId, unit, epoch, version, field, reason, listedAt, handled }: Listed): readonly string[] {
  return [memberId, unit, String(epoch), String(version), field, reason, listedAt, handled?.by ?? ''];
}

function withoutValues({ value: _value, kept: _kept, base: _base, ...entry }: Listed) {
  return entry;
}
