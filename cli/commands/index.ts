/** Every command, in the order in which they are listed. */
import { auditCommand } from './audit';
import { callersAudit } from './callers-audit';
import { callersCreate } from './callers-create';
import { callersList, callersShow } from './callers-list';
import { callersRotate } from './callers-rotate';
import { callersRules } from './callers-rules';
import { callersChange, callersResume, callersSuspend } from './callers-status';
import type { Command } from './command';
import { deadLettersList } from './dead-letters-list';
import { deadLettersRedrive } from './dead-letters-redrive';
import { deadLettersShow } from './dead-letters-show';
import { idCommand } from './id';
import { importCommand } from './import';
import { lostList } from './lost-list';
import { lostSettle } from './lost-settle';
import { lostShow } from './lost-show';
import { reconcileCommand } from './reconcile';
import { reconcileKeptCommand } from './reconcile-kept';
import { regionReadmit } from './region-readmit';
import { switchExplain } from './switch-explain';
import { switchGet } from './switch-get';
import { switchHistory } from './switch-history';
import { switchSet } from './switch-set';
import { topCommand } from './top';
import { unitsHold } from './units-hold';

export const commands: readonly Command[] = [
  idCommand,
  importCommand,
  switchGet,
  switchSet,
  switchExplain,
  switchHistory,
  auditCommand,
  callersCreate,
  callersList,
  callersShow,
  callersChange,
  callersRotate,
  callersSuspend,
  callersResume,
  callersRules,
  callersAudit,
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  reconcileCommand,
  reconcileKeptCommand,
  regionReadmit,
  unitsHold,
  lostList,
  lostShow,
  lostSettle,
  topCommand,
];
