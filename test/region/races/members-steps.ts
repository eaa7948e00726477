import { type Clock, isProblem, systemClock, type Version } from '../../../lambdas/core';
import { type Command, MemberWriter, type Parts, type WriteOptions } from '../../../lambdas/members';
import { claimsOf } from '../../../lambdas/members/changes';
import { CLAIM_LEASE_MS } from '../../../lambdas/members/taking';
import { Deadline } from '../../../lambdas/resilience';
import { rangeOf } from '../../../lambdas/shards';
import { Publisher } from '../../../lambdas/sync';
import { unique } from '../support/client';
import { openParts, SILENT } from '../support/parts';

export type OpenParts = ReturnType<typeof openParts>;

/** A port that nothing listens on: what is published there is refused. */
const NOWHERE = 'http://127.0.0.1:9';

/** The rooms of region A, but no topic accepts: what a write leaves to be tidied stays as it is until the relay comes. */
export function openWithoutTopics(): OpenParts {
  const parts = openParts('A');
  const topic = 'arn:aws:sns:us-east-1:000000000000:nowhere';
  const endpoints = {
    databases: {},
    caches: { A: { host: '', port: 0, tls: false }, B: { host: '', port: 0, tls: false } },
    domains: { order: '', standby: '', marketing: '' },
    aws: NOWHERE,
    topics: { A: topic, B: topic },
    queues: {},
    tablePrefix: '',
  };
  return { ...parts, publisher: new Publisher({ endpoints, clock: systemClock, log: SILENT }) };
}

/** As an actor who comes when the lease of every pending claim is over. */
export function impatient(parts: Parts): Parts {
  return { ...parts, clock: { ...systemClock, nowMs: () => systemClock.nowMs() + CLAIM_LEASE_MS + 1000 } };
}

type StepName = 'take' | 'take over' | 'free' | 'hold' | 'read' | 'read fenced' | 'write' | 'abort';
type Room = 'claims' | 'rows';

const STEPS: readonly { readonly name: StepName; readonly room: Room; readonly method: string }[] = [
  { name: 'take', room: 'claims', method: 'take' },
  { name: 'take over', room: 'claims', method: 'takeOver' },
  { name: 'free', room: 'claims', method: 'free' },
  { name: 'hold', room: 'claims', method: 'hold' },
  { name: 'read', room: 'rows', method: 'read' },
  { name: 'read fenced', room: 'rows', method: 'readFenced' },
  { name: 'write', room: 'rows', method: 'write' },
  { name: 'abort', room: 'rows', method: 'abort' },
];

type Run = (...parameters: unknown[]) => Promise<unknown>;
/** Stands around a step of an actor; calls `run` when the step is to be carried out, or not at all. */
export type Around = (run: () => Promise<unknown>) => Promise<unknown>;

/** The rooms of one actor, some of whose steps at the arbiter and the databases something stands around. */
export function around(parts: Parts, steps: Partial<Record<StepName, Around>>): Parts {
  const stepped = (room: Room, target: object) => {
    const wrapped: Record<string, Run> = {};
    for (const { name, method } of STEPS.filter((step) => step.room === room)) {
      const surround = steps[name];
      const run = (Reflect.get(target, method) as Run).bind(target);
      wrapped[method] = (...parameters) =>
        surround === undefined ? run(...parameters) : surround(() => run(...parameters));
    }
    return Object.assign(Object.create(target), wrapped);
  };
  return {
    ...parts,
    arbiter: { ...parts.arbiter, claims: stepped('claims', parts.arbiter.claims) },
    shards: { ...parts.shards, members: stepped('rows', parts.shards.members) },
  };
}

/** A step that waits, the first time it is reached, until the test lets it go on. */
export class Pause {
  readonly reached: Promise<void>;
  readonly around: Around;
  #arrive: () => void = () => undefined;
  #goOn: () => void = () => undefined;
  #isSpent = false;

  constructor() {
    this.reached = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    const mayGo = new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    this.around = async (run) => {
      if (this.#isSpent) return run();
      this.#isSpent = true;
      this.#arrive();
      await mayGo;
      return run();
    };
  }

  goOn(): void {
    this.#goOn();
  }
}

/** The step is carried out, then waits before the actor learns of it. */
export function afterwards(pause: Pause): Around {
  return async (run) => {
    const outcome = await run();
    await pause.around(async () => undefined);
    return outcome;
  };
}

/** The step is carried out, and nobody learns what came of it. */
export const losingTheAnswer: Around = async (run) => {
  await run();
  return { kind: 'open', cause: new Error('the answer was lost') };
};

/** Whatever is not done by then is given up. */
const DEADLINE_MS = 20_000;
const ATTEMPTS = 5;

export function patiently(): WriteOptions {
  return { acknowledge: 'one', deadline: Deadline.after(DEADLINE_MS, systemClock) };
}

export const bind = (account: string): Command => ({ kind: 'bind', platform: 'app', account });
export const unbind = (account: string): Command => ({ kind: 'unbind', platform: 'app', account });
export const claimKey = (account: string) => `account:app:${account}`;

/** @returns `done`, or the code that the caller is answered with */
export function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => {
      if (isProblem(error)) return error.code;
      throw error;
    },
  );
}

export function perform(parts: Parts, memberId: string, command: Command): Promise<string> {
  return codeOf(new MemberWriter(parts).execute(memberId, command, patiently()));
}

/**
 * As `perform`, repeated while it is UNAVAILABLE: on a machine that is busy a step that is not the one in question may
 * run out of time, and repeating a command is safe.
 */
export async function performSurely(parts: Parts, memberId: string, command: Command): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const code = await perform(parts, memberId, command);
    if (code !== 'UNAVAILABLE' || attempt === ATTEMPTS) return code;
  }
}

/** Opens what is connected to on first use, so that no step that must be reached runs out of time over it. */
export async function warmUp(parts: Parts, memberIds: readonly string[]): Promise<void> {
  for (const memberId of memberIds) {
    const account = unique('warm');
    for (const command of [bind(account), unbind(account)]) await performSurely(parts, memberId, command);
  }
}

/** What is left of the deadline of who has no patience left: enough to ask what he has to. */
const LEFT_MS = 2000;

/** As `perform`, but whoever meets a claim that is under way has no patience left. */
export function performImpatiently(parts: Parts, memberId: string, command: Command): Promise<string> {
  let isOver = false;
  const taking: Around = (run) => {
    isOver = true;
    return run();
  };
  const clock: Clock = { ...systemClock, monotonicMs: () => (isOver ? DEADLINE_MS - LEFT_MS : 0) };
  const options: WriteOptions = { acknowledge: 'one', deadline: Deadline.after(DEADLINE_MS, clock) };
  return codeOf(new MemberWriter(around(parts, { take: taking })).execute(memberId, command, options));
}

export interface Owner {
  readonly memberId: string;
  readonly generation: number;
  readonly version: Version;
}

/** Who holds the account by the rows of these members at their writers. */
export async function ownersOf(parts: Parts, account: string, memberIds: readonly string[]): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (const memberId of memberIds) {
    const { writer } = await parts.switches.unitNow(rangeOf(memberId).unit);
    const { row } = await parts.shards.members.read(memberId, writer, 3000);
    const claim = row && claimsOf(row.document).find(({ key }) => key === claimKey(account));
    if (row !== undefined && claim !== undefined) {
      owners.push({ memberId, generation: claim.generation, version: row.document.version });
    }
  }
  return owners;
}

/** The account has this owner and no other, and its claim names that owner under the generation of the owner's row. */
export async function expectOnlyOwner(parts: Parts, account: string, memberIds: readonly string[], owner: string) {
  const owners = await ownersOf(parts, account, memberIds);
  expect(owners.map(({ memberId }) => memberId)).toEqual([owner]);
  const claim = await parts.arbiter.claims.read(claimKey(account), { consistent: true });
  expect(claim).toMatchObject({ memberId: owner, generation: owners[0]?.generation });
  expect(claim?.state).not.toBe('free');
}
