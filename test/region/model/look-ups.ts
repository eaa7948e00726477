import type { PublicMember } from '../../../lambdas/members/schema';
import type { TrafficClass } from '../../../topology';
import { call } from '../support/client';
import { eventually, REGION_NAMES } from '../support/system';
import { PHONES } from './asked';
import type { SequentialModel } from './sequential-model';

const CLASSES: readonly TrafficClass[] = ['order', 'other', 'marketing'];

/** Every phone number finds those members that have it now, in both regions, once the domains have heard of them. */
export async function expectLookUps(model: SequentialModel): Promise<void> {
  for (let number = 0; number < PHONES; number += 1) {
    const phone = model.names.phone(number);
    const trafficClass = CLASSES[number % CLASSES.length] ?? 'order';
    const holders = model.memberIds
      .filter((id) => model.state(id).status === 'active' && model.state(id).profile.phone === phone)
      .sort();
    for (const region of REGION_NAMES) {
      await eventually(async () => {
        const answer = await call('GET', `/members?phone=${encodeURIComponent(phone)}`, { region, trafficClass });
        const items = [...(answer.body.items as PublicMember[])];
        expect(items.map(({ memberId }) => memberId).sort()).toEqual(holders);
        for (const item of items) {
          const body = model.bodyOf(item.memberId, model.state(item.memberId), item, trafficClass === 'marketing');
          expect(JSON.stringify(item)).toBe(body);
        }
        return true;
      }, 60_000);
    }
  }
}
