import { createHash } from 'node:crypto';
import { at, MEMBERS, type RequestPath, readHeaders } from './request-path';

const memberKey = (memberId: string) => `bench:m:${memberId}`;
const ROUTING_LENGTH = 8;
const MOST_HITS = 100;

function queryOf(phone: string): object {
  return {
    query: {
      bool: { filter: [{ term: { kind: 'phone' } }, { term: { value: phone } }, { term: { removed: false } }] },
    },
    sort: ['_doc'],
    size: MOST_HITS,
    track_total_hits: false,
    _source: ['memberId'],
  };
}

/** As look-ups are routed when they are written: asking all shards would be another query. */
function routingOf(phone: string): string {
  return createHash('sha256').update(`phone:${phone}`).digest('base64url').slice(0, ROUTING_LENGTH);
}

export const phoneLookup: RequestPath = {
  name: 'phone',
  title: 'read by phone',
  bareTitle: "one routed query by OpenSearch's client, a GET by ioredis for each hit",
  writes: false,
  inFlight: 8,
  repeats: true,
  expectedStatus: 200,
  expectedSource: 'search',
  overHttp: true,
  isFloorShown: false,
  request: (context) => {
    const headers = readHeaders(context);
    return (index) => ({
      method: 'GET',
      path: `${MEMBERS}?phone=${encodeURIComponent(at(context.members, index).phone)}`,
      headers,
    });
  },
  async bare(stores, { members }) {
    const { redis } = stores;
    await Promise.all(members.map(({ memberId, json }) => redis.set(memberKey(memberId), json)));
    return {
      operation: async (index) => {
        const { phone } = at(members, index);
        const hits = await stores.search('lookups', queryOf(phone), routingOf(phone));
        if (hits.length === 0) throw new Error('a member of the bench was not found by its phone');
        return Promise.all(hits.map(({ memberId }) => redis.get(memberKey(memberId))));
      },
    };
  },
};
