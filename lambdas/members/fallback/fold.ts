import type { JournaledCommand } from '../../arbiter';
import {
  type ClaimReference,
  type ErrorCode,
  epochOf,
  type Fork,
  forksAfter,
  isoTime,
  isProblem,
  type MemberDocument,
  type MemberRow,
  nextVersion,
  type Version,
} from '../../core';
import { applyCommand, type Command, claimKeysOf, claimsOf, type Draft, documentOf } from '../changes';

/** Under what journaled commands are replayed. */
export interface FoldTerms {
  /** The unit's epoch now. */
  readonly epoch: number;
  readonly nowMs: number;
  /** Whether a claim still names the member under this generation. */
  readonly stands: (claim: ClaimReference) => boolean;
  /** Whether its operation was given up, by somebody who met its claims and found nothing that it had written. */
  readonly isGivenUp: (command: JournaledCommand) => boolean;
}

export interface RefusedCommand {
  readonly command: JournaledCommand;
  readonly code: ErrorCode | 'GIVEN_UP';
}

export interface Folded {
  readonly document: MemberDocument;
  readonly forks: readonly Fork[];
  readonly refused: readonly RefusedCommand[];
}

/**
 * The row's next version: journaled commands of its member, in their order, applied to the row as it is. It is made whatever
 * becomes of them, so that copies that have what was accepted in fallback follow the row.
 *
 * @param commands at least one
 */
export function foldCommands(row: MemberRow, commands: readonly JournaledCommand[], terms: FoldTerms): Folded {
  const last = Math.max(...commands.map(({ version }) => version));
  const refused: RefusedCommand[] = [];
  // Only then the row is what its callers have seen: who named a version named that of another history else.
  let isAsSeen = commands[0]?.base?.version === row.document.version;
  let { document } = row;
  for (const command of commands) {
    const next = terms.isGivenUp(command) ? 'GIVEN_UP' : replayed(document, command, isAsSeen, terms.stands);
    if (typeof next === 'string') {
      refused.push({ command, code: next });
      isAsSeen = false;
    } else document = next;
  }
  const version = nextVersion(Math.max(row.document.version, last), terms.epoch);
  const after = { ...document, version, updatedAt: isoTime(terms.nowMs) };
  return { document: after, forks: forksAfterReplay(row, last, after), refused };
}

/** @returns what the document becomes, or why the command is refused */
function replayed(
  document: MemberDocument,
  journaled: JournaledCommand,
  isAsSeen: boolean,
  stands: FoldTerms['stands'],
): MemberDocument | ErrorCode {
  const draft = draftOf(document, journaled.command as Command);
  if (typeof draft === 'string') return draft;
  if (journaled.isConditional && !isAsSeen && document.status !== 'closed') return 'VERSION_MISMATCH';
  if (draft === undefined) return document;
  const generations = new Map(journaled.claims.filter(stands).map(({ key, generation }) => [key, generation]));
  const held = new Set(claimsOf(document).map(({ key }) => key));
  const lacking = claimKeysOf(draft).find((key) => !held.has(key) && !generations.has(key));
  if (lacking !== undefined) return lacking.startsWith('account:') ? 'ACCOUNT_BOUND' : 'KEY_TAKEN';
  const { version } = document;
  return documentOf(draft, document, { version, nowMs: journaled.atMs, generations });
}

function draftOf(document: MemberDocument, command: Command): Draft | undefined | ErrorCode {
  try {
    return applyCommand(document, command);
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
}

/**
 * The row has gone through the epoch of the fallback, up to the last command: what copies have of that is its past, and what
 * an epoch before wrote and the row never had is not.
 */
function forksAfterReplay(row: MemberRow, last: Version, after: MemberDocument): readonly Fork[] {
  const known = forksAfter(row, after);
  const epoch = epochOf(last);
  const fork = known.find((candidate) => candidate.epoch > epoch);
  if (fork === undefined) return known;
  const through = epoch > epochOf(fork.from) ? [{ ...fork, epoch }] : [];
  const others = known.filter((other) => other !== fork);
  const all = [...others, ...through, { ...fork, from: Math.max(fork.from, last) }];
  return all.sort((one, other) => one.epoch - other.epoch);
}
