import fc from 'fast-check';
import { register, unique } from '../support/client';
import { REGION_NAMES } from '../support/system';
import { conforming } from './support/conforming';
import { hostileHeaders } from './support/hostile';

const TIMEOUT_MS = 120_000;

test(
  'no header makes an answer that the document does not describe',
  async () => {
    const account = unique('fuzzed');
    const members = await Promise.all(REGION_NAMES.map((region) => register([`app:${account}-${region}`], { region })));
    const [{ memberId = '' } = {}] = members;
    const json = (value: object) => Buffer.from(JSON.stringify(value));
    const call = fc.constantFrom<[string, string, Buffer?]>(
      ['GET', `/members/${memberId}`],
      ['GET', `/members/${members[1]?.memberId}`],
      ['GET', `/accounts/app/${account}-A`],
      ['GET', '/members?unionId=nobody'],
      ['PATCH', `/members/${memberId}`, json({ city: 'Fuzz' })],
      ['PATCH', `/members/${members[1]?.memberId}`, json({ city: 'Fuzz' })],
      ['PUT', `/members/${memberId}/accounts/card/${account}`],
      ['DELETE', `/members/${memberId}/accounts/card/${account}`],
      ['POST', '/members', json({ profile: { name: 'Fuzz' } })],
      ['POST', '/members/batch', json({ ids: [memberId] })],
      ['POST', '/members/search', json({ filter: { city: 'Fuzz' } })],
      ['GET', '/health?deep=1'],
    );
    const region = fc.constantFrom(...REGION_NAMES);
    await fc.assert(
      fc.asyncProperty(call, hostileHeaders, region, async ([method, path, body], given, at) => {
        const type = body === undefined ? {} : { 'Content-Type': 'application/json', body };
        const { body: sent, ...headers } = { ...type, ...given } as { body?: Buffer; [name: string]: unknown };
        const request = {
          method,
          path,
          headers: headers as Record<string, string>,
          region: at,
          trafficClass: 'other',
        } as const;
        await conforming(sent === undefined ? request : { ...request, body: sent });
      }),
      { numRuns: 150 },
    );
  },
  TIMEOUT_MS,
);
