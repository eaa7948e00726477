import { BARE_SCHEMA } from '../bare/stores';
import { fillBareTables, lockMember, updateMember } from '../bare/tables';
import { at, MEMBERS, type RequestPath, readHeaders } from './request-path';

export const bind: RequestPath = {
  name: 'bind',
  title: 'bind an account',
  bareTitle: 'a transaction of five statements: read for update, the account, the member',
  writes: true,
  inFlight: 16,
  repeats: false,
  expectedStatus: 200,
  overHttp: true,
  isFloorShown: false,
  request: (context) => {
    const headers = readHeaders(context);
    return (index) => ({
      method: 'PUT',
      path: `${MEMBERS}/${at(context.members, index).memberId}/accounts/app/bench-${context.run}-b${index}`,
      headers,
    });
  },
  async bare(stores, { members, run }) {
    await fillBareTables(stores, members);
    return {
      operation: (index) =>
        stores.transaction(async (connection) => {
          const { memberId } = at(members, index);
          const account = `bench-${run}-b${index}`;
          const { version, document } = await lockMember(connection, memberId);
          document.accounts.push({ platform: 'app', account, boundAt: new Date().toISOString() });
          const values = ['app', account, BigInt(memberId)];
          await connection.query(`INSERT INTO ${BARE_SCHEMA}.account VALUES (?, ?, ?)`, values);
          await updateMember(connection, memberId, version + 1, JSON.stringify(document));
        }),
    };
  },
};
