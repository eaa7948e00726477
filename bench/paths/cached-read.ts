import { at, MEMBERS, type RequestPath, readHeaders } from './request-path';

const bareKey = (memberId: string) => `bench:m:${memberId}`;

export const cachedRead: RequestPath = {
  name: 'cached-read',
  title: 'read by id, cached',
  bareTitle: 'one GET, ioredis with automatic pipelining',
  writes: false,
  inFlight: 32,
  repeats: true,
  expectedStatus: 200,
  expectedSource: 'cache',
  overHttp: true,
  isFloorShown: true,
  request: (context) => {
    const headers = readHeaders(context);
    return (index) => ({ method: 'GET', path: `${MEMBERS}/${at(context.members, index).memberId}`, headers });
  },
  async bare({ redis }, { members }) {
    await Promise.all(members.map(({ memberId, json }) => redis.set(bareKey(memberId), json)));
    return { operation: (index) => redis.get(bareKey(at(members, index).memberId)) };
  },
};
