import { at, type RequestPath, readHeaders } from './request-path';

const accountKey = (platform: string, account: string) => `bench:k:${platform}:${account}`;
const memberKey = (memberId: string) => `bench:m:${memberId}`;

export const accountLookup: RequestPath = {
  name: 'account',
  title: 'read by account, cached',
  bareTitle: 'two GETs, one after the other, ioredis with automatic pipelining',
  writes: false,
  inFlight: 32,
  repeats: true,
  expectedStatus: 200,
  expectedSource: 'cache',
  overHttp: true,
  isFloorShown: false,
  request: (context) => {
    const headers = readHeaders(context);
    return (index) => {
      const { platform, account } = at(context.members, index);
      return { method: 'GET', path: `/v1/order/accounts/${platform}/${encodeURIComponent(account)}`, headers };
    };
  },
  async bare({ redis }, { members }) {
    await Promise.all(
      members.flatMap(({ memberId, platform, account, json }) => [
        redis.set(accountKey(platform, account), memberId),
        redis.set(memberKey(memberId), json),
      ]),
    );
    return {
      operation: async (index) => {
        const { platform, account } = at(members, index);
        return redis.get(memberKey((await redis.get(accountKey(platform, account))) ?? ''));
      },
    };
  },
};
