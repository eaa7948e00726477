import { subjectOf } from '../../lambdas/switches';
import { UsageError } from '../usage';
import { AUDIT_OPTIONS_HELP, auditOptions, tellAudit } from './audit';
import type { Command } from './command';
import { switchOf } from './switch-names';

export const switchHistory: Command = {
  name: 'switch history',
  synopsis: '<name> [--limit N]',
  summary: 'tell who turned a switch when, to what, and what became of it; the newest first',
  help: `From the audit, which keeps what was refused, too, with the reasons.

${AUDIT_OPTIONS_HELP}`,
  options: auditOptions,
  async run({ values, positionals, terminal }) {
    if (positionals.length > 1) throw new UsageError('Name one switch.');
    const { name } = switchOf(positionals[0]);
    return tellAudit({ subject: subjectOf(name), values, terminal, nothing: `Nobody has turned ${name} yet.` });
  },
};
