import { BARE_SCHEMA } from '../bare/stores';
import { fillBareTables, insertOutbox } from '../bare/tables';
import { at, bodyHeaders, MEMBERS, type RequestContext, type RequestPath } from './request-path';

/** A new member like the others, with an account that nobody has. */
function registration({ members, run }: RequestContext, index: number) {
  const { profile } = JSON.parse(at(members, index).json) as { profile: object };
  return { profile, accounts: [{ platform: 'app', account: `bench-${run}-r${index}` }] };
}

const FIRST_ID = 1_000_000_000n;

export const register: RequestPath = {
  name: 'register',
  title: 'register, one account',
  bareTitle: 'a transaction of five statements: the member, its account, the outbox',
  writes: true,
  inFlight: 16,
  repeats: false,
  expectedStatus: 201,
  overHttp: true,
  isFloorShown: false,
  request: (context) => {
    const headers = bodyHeaders(context);
    return (index) => ({
      method: 'POST',
      path: MEMBERS,
      headers,
      body: JSON.stringify(registration(context, index)),
    });
  },
  async bare(stores, context) {
    await fillBareTables(stores, []);
    return {
      operation: (index) =>
        stores.transaction(async (connection) => {
          const memberId = FIRST_ID + BigInt(index);
          const { profile, accounts } = registration(context, index);
          const json = JSON.stringify({ memberId: String(memberId), profile, accounts });
          const { platform, account } = accounts[0] ?? { platform: '', account: '' };
          await connection.query(`INSERT INTO ${BARE_SCHEMA}.member VALUES (?, 1, ?, NOW(3))`, [memberId, json]);
          await connection.query(`INSERT INTO ${BARE_SCHEMA}.account VALUES (?, ?, ?)`, [platform, account, memberId]);
          await insertOutbox(connection, String(memberId), 1, json);
        }),
    };
  },
};
