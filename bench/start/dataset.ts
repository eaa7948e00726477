import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { MemberDocument } from '../../lambdas/core';
import { SHARD_MAP } from '../../topology';
import type { BenchMember, MeasuredSystem } from '../job';
import { WORK_DIRECTORY } from '../root';

interface Row extends RowDataPacket {
  readonly document: string;
}

/**
 * Members that the measured system holds and that every path can use: they have a phone and an account. Those with the fewest
 * accounts are taken first, because each that is bound makes a member larger.
 */
export async function readMembers({ database }: MeasuredSystem, count: number): Promise<BenchMember[]> {
  const connection = await createConnection({ host: '127.0.0.1', ...database, jsonStrings: true });
  try {
    const documents: { readonly schema: string; readonly document: MemberDocument }[] = [];
    for (const { schema } of SHARD_MAP.filter(({ unit }) => unit === 'a1')) {
      const [rows] = await connection.query<Row[]>(`SELECT document FROM \`${schema}\`.member WHERE status = 'active'`);
      documents.push(...rows.map(({ document }) => ({ schema, document: JSON.parse(document) as MemberDocument })));
    }
    documents.sort((one, other) => one.document.accounts.length - other.document.accounts.length);
    return documents.flatMap(({ schema, document }) => benchMember(schema, document)).slice(0, count);
  } finally {
    await connection.end();
  }
}

function benchMember(schema: string, { memberId, version, status, profile, ...rest }: MemberDocument): BenchMember[] {
  const [first] = rest.accounts;
  if (first === undefined || profile.phone === undefined) return [];
  const accounts = rest.accounts.map(({ platform, account, boundAt }) => ({ platform, account, boundAt }));
  const { registeredAt, updatedAt } = rest;
  const json = JSON.stringify({
    memberId,
    version: String(version),
    status,
    profile,
    accounts,
    registeredAt,
    updatedAt,
  });
  return [{ memberId, schema, phone: profile.phone, platform: first.platform, account: first.account, json }];
}

/** @returns the file that the processes of the bench read */
export async function writeDataset(members: readonly BenchMember[]): Promise<string> {
  const file = join(WORK_DIRECTORY, 'members.json');
  await writeFile(file, JSON.stringify(members));
  return file;
}
