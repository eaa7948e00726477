import { apiClient, History, Session } from '../../support/history';
import { REGION_NAMES } from '../support/system';
import { callOf, type Program, ProgramNames } from './concurrent-program';

/** Registers members in both regions, then lets every client run its calls, side by side with the others. */
export async function runProgram({ members, clients }: Program): Promise<{ history: History; names: ProgramNames }> {
  const history = new History();
  const names = new ProgramNames();
  const founder = new Session(history, apiClient('founder'));
  for (let number = 0; number < members; number += 1) {
    const call = { kind: 'register' as const, profile: { name: `Concurrent ${number}` }, accounts: [] };
    const outcome = await founder.run({ region: number % 2 ? 'B' : 'A', call });
    if (outcome.kind === 'ok' && outcome.document !== undefined) names.members.push(outcome.document.memberId);
  }
  await Promise.all(
    clients.map(async (steps, number) => {
      const session = new Session(history, apiClient(`client ${number}`));
      for (const step of steps) {
        const call = callOf(step, names, (member) => session.seen(member));
        const { region, trafficClass } = step;
        const outcome = await session.run({ region, trafficClass, call });
        if (call.kind !== 'register' || outcome.kind !== 'ok' || outcome.document === undefined) continue;
        const { memberId } = outcome.document;
        if (!names.members.includes(memberId)) names.members.push(memberId);
      }
    }),
  );
  return { history, names };
}

/** Reads everything that the run was about, in both regions, once all stores agree. */
export async function readAgain(history: History, names: ProgramNames): Promise<void> {
  history.settle();
  const reader = apiClient('reader');
  for (const region of REGION_NAMES) {
    for (const member of names.members) await history.run({ region, call: { kind: 'get', member } }, reader);
    for (let account = 0; account < 3; account += 1) {
      await history.run({ region, call: { kind: 'find', ...names.account(account) } }, reader);
    }
  }
}
