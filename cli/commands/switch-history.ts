import { subjectOf } from '../../lambdas/switches';
import { DOMAIN_NAMES } from '../../topology';
import { UsageError } from '../usage';
import { AUDIT_OPTIONS_HELP, auditOptions, tellAudit } from './audit';
import type { Command } from './command';
import { switchOf } from './switch-names';

export const switchHistory: Command = {
  name: 'switch history',
  synopsis: '<name> [--limit N]',
  summary: 'tell who turned a switch when, to what, and what became of it; the newest first',
  help: `From the audit, which keeps what was refused, too, with the reasons. For units/<unit> each step of its moves is told,
for sync/<domain> each step of its way back.

${AUDIT_OPTIONS_HELP}`,
  options: auditOptions,
  async run({ values, positionals, terminal }) {
    if (positionals.length > 1) throw new UsageError('Name one switch.');
    const { name } = switchOf(positionals[0]);
    return tellAudit({ subjects: subjectsOf(name), values, terminal, nothing: `Nobody has turned ${name} yet.` });
  },
};

/** What became of a unit, or of a search domain, is told beside the turns of its switch. */
function subjectsOf(name: string): readonly string[] {
  const [kind, thing] = name.split('/');
  if (kind === 'units') return [subjectOf(name), `unit/${thing}`];
  return kind === 'sync' && DOMAIN_NAMES.some((domain) => domain === thing)
    ? [subjectOf(name), `domain/${thing}`]
    : [subjectOf(name)];
}
