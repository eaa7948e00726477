import { fillBareTables, insertOutbox, lockMember, updateMember } from '../bare/tables';
import { at, bodyHeaders, MEMBERS, type RequestPath } from './request-path';

function patch(acknowledge: 'one' | 'both'): RequestPath {
  return {
    name: `patch-${acknowledge}`,
    title: `patch, acknowledged by ${acknowledge}`,
    bareTitle: 'a transaction of five statements: read for update, the member, the outbox',
    writes: true,
    inFlight: 16,
    repeats: false,
    expectedStatus: 200,
    overHttp: true,
    isFloorShown: false,
    request: (context) => {
      const headers = { ...bodyHeaders(context, 'application/merge-patch+json'), acknowledge };
      return (index) => ({
        method: 'PATCH',
        path: `${MEMBERS}/${at(context.members, index).memberId}`,
        headers,
        body: JSON.stringify({ city: `City ${context.run} ${index}` }),
      });
    },
    async bare(stores, { members, run }) {
      await fillBareTables(stores, members);
      return {
        operation: (index) =>
          stores.transaction(async (connection) => {
            const { memberId } = at(members, index);
            const { version, document } = await lockMember(connection, memberId);
            document.profile.city = `City ${run} ${index}`;
            const json = JSON.stringify(document);
            await updateMember(connection, memberId, version + 1, json);
            await insertOutbox(connection, memberId, version + 1, json);
          }),
      };
    },
  };
}

export const patchOne = patch('one');
export const patchBoth = patch('both');
