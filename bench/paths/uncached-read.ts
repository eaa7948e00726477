import { at, MEMBERS, type RequestPath, readHeaders } from './request-path';

const ourKey = (memberId: string) => `{m:${memberId}}`;
const bareKey = (memberId: string) => `bench:m:${memberId}`;
const LIFE_MS = 600_000;

export const uncachedRead: RequestPath = {
  name: 'uncached-read',
  title: 'read by id, not cached, with fill',
  bareTitle: 'one point select by mysql2, a GET and a SET by ioredis',
  writes: false,
  inFlight: 16,
  repeats: true,
  expectedStatus: 200,
  expectedSource: 'database',
  // A member is not cached only once in a round.
  mostInRound: ({ members }) => members.length,
  overHttp: false,
  isFloorShown: false,
  request: (context) => {
    const headers = readHeaders(context);
    return (index) => ({ method: 'GET', path: `${MEMBERS}/${at(context.members, index).memberId}`, headers });
  },
  beforeRound: (stores, { members }) => stores.forget(members.map(({ memberId }) => ourKey(memberId))),
  async bare(stores, { members }) {
    const { redis } = stores;
    return {
      beforeRound: () => stores.forget(members.map(({ memberId }) => bareKey(memberId))),
      operation: async (index) => {
        const { memberId, schema } = at(members, index);
        if ((await redis.get(bareKey(memberId))) !== null) throw new Error('a member of the bench was cached');
        const sql = `SELECT document FROM \`${schema}\`.member WHERE member_id = ?`;
        const [row] = await stores.query(sql, [BigInt(memberId)]);
        const json = row?.document as string;
        await redis.set(bareKey(memberId), json, 'PX', LIFE_MS);
        return json;
      },
    };
  },
};
