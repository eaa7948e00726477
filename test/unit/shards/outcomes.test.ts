import { type ServerError, writeOutcomeOf } from '../../../lambdas/shards/outcomes';

const OPERATION = '6a7d3a54-5f0e-4c3c-9d0c-0a1d1d0b7e11';
const error = (errno: number, sqlMessage = ''): ServerError => ({ errno, sqlMessage });

test.each([
  ['the fence', error(1048, "Column 'outcome' cannot be null"), 'fenced'],
  ['what is undecided', error(1048, "Column 'decided_at' cannot be null"), 'undecided'],
  ['the version', error(1048, "Column 'version' cannot be null"), 'version-lost'],
  ['the lease', error(1242, 'Subquery returns more than 1 row'), 'lease-over'],
  ['its own key', error(1062, `Duplicate entry '${OPERATION}' for key 'PRIMARY'`), 'decided'],
  ['the id of a member', error(1062, "Duplicate entry '42' for key 'PRIMARY'"), 'id-taken'],
  ['a lock', error(1205, 'Lock wait timeout exceeded'), 'busy'],
  ['a deadlock', error(1213, 'Deadlock found'), 'busy'],
  ['a replica', error(1290, 'The server is running with the --read-only option'), 'fenced'],
  ['a transaction that only reads', error(1792, 'Cannot execute statement'), 'fenced'],
  ['a column that is no guard', error(1048, "Column 'document' cannot be null"), 'open'],
  ['a server that goes down', error(1053, 'Server shutdown in progress'), 'open'],
  ['a connection that was ended', error(1927, 'Connection was killed'), 'open'],
])('%s refused', (_, refused, kind) => {
  expect(writeOutcomeOf(refused, OPERATION).kind).toBe(kind);
});
