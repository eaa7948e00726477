import { mariadbServers } from '../../../local/engines';
import { tableRequest } from '../../../local/engines/dynamodb';
import { elasticmqConfiguration, queueNames } from '../../../local/engines/elasticmq';
import { initialStatements, serverArguments } from '../../../local/engines/mariadb';
import { planPorts } from '../../../local/engines/ports';
import { redisArguments } from '../../../local/engines/redis';
import { MAX_RECEIVES, QUEUES, TABLES } from '../../../topology';

const servers = mariadbServers({ ports: planPorts(9000), dataDirectory: '/data' });

test('each cluster has a server in each region, that of its home before the other', () => {
  expect(servers.map(({ name, region, port, writerPort }) => [name, region, port, writerPort])).toEqual([
    ['a1-A', 'A', 9020, undefined],
    ['a1-B', 'B', 9021, undefined],
    ['b1-B', 'B', 9023, undefined],
    ['b1-A', 'A', 9022, undefined],
  ]);
  expect(new Set(servers.map(({ serverId }) => serverId)).size).toBe(servers.length);
});

test('servers begin read-only where they are told to, and all are durable', () => {
  for (const server of servers) {
    expect(serverArguments(server, false)).not.toContain('--read-only=1');
    const given = serverArguments(server, true);
    expect(given).toContain('--read-only=1');
    expect(given).toEqual(expect.arrayContaining(['--sync-binlog=1', '--innodb-flush-log-at-trx-commit=1']));
    expect(given).toContain('--bind-address=127.0.0.1');
  }
});

test('the application can write to no replica, and nothing about users travels to one', () => {
  const statements = initialStatements({
    rootPassword: 'r',
    replicationPassword: 's',
    application: { user: 'twinkeep', password: 'p' },
  }).split('\n');
  expect(statements[0]).toBe('SET SESSION sql_log_bin=0;');
  const granted = statements.filter((line) => line.startsWith('GRANT') && line.includes("'twinkeep'"));
  expect(granted).toHaveLength(1);
  expect(granted[0]).not.toMatch(/ALL PRIVILEGES|SUPER|READ_ONLY ADMIN|READ ONLY ADMIN/);
});

test.each(['A', 'B'] as const)('region %s has its queues, their dead letters and the queue of the front', (region) => {
  const configuration = elasticmqConfiguration({
    region,
    port: 1,
    frontPort: 2,
    accountId: '000000000000',
    dataDirectory: '/data',
  });
  const own = QUEUES.filter((queue) => queue.region === region);
  expect(queueNames(region)).toEqual([...own.flatMap(({ name, deadLetters }) => [name, deadLetters]), 'owed']);
  for (const name of queueNames(region)) expect(configuration).toContain(`"${name}" {`);
  for (const { deadLetters } of own) {
    expect(configuration).toContain(`deadLettersQueue { name = "${deadLetters}", maxReceiveCount = ${MAX_RECEIVES} }`);
  }
  expect(configuration).toContain('WRITE_DELAY=0');
});

test('every key attribute of a table is declared, those of its indexes among them', () => {
  for (const table of TABLES) {
    const request = tableRequest('prefix', table);
    const declared = (request.AttributeDefinitions ?? []).map(({ AttributeName }) => AttributeName).sort();
    const keys = [
      ...(request.KeySchema ?? []),
      ...(request.GlobalSecondaryIndexes ?? []).flatMap(({ KeySchema }) => KeySchema ?? []),
    ].map(({ AttributeName }) => AttributeName);
    expect(declared).toEqual([...new Set(keys)].sort());
    expect(request.TableName).toBe(`prefix-${table.name}`);
  }
});

test('a cache announces an address, and keeps nothing', () => {
  const given = redisArguments({ region: 'A', port: 1, busPort: 2, dataDirectory: '/data' });
  const after = (name: string) => given[given.indexOf(name) + 1];
  expect([after('--cluster-announce-ip'), after('--bind'), after('--save'), after('--appendonly')]).toEqual([
    '127.0.0.1',
    '127.0.0.1',
    '',
    'no',
  ]);
});
