/**
 * Positions as MariaDB writes them: the last transaction of each replication domain, `<domain>-<server>-<sequence>`,
 * separated by commas. Sequences rise within a domain, whichever server writes it.
 */
function sequences(position: string): ReadonlyMap<string, bigint> {
  const parts = position.split(',').filter((part) => part !== '');
  return new Map(
    parts.map((part) => {
      const [domain = '', , sequence = '0'] = part.trim().split('-');
      return [domain, BigInt(sequence)];
    }),
  );
}

/** Whether a server that came as far as `position` has nothing that was not there when another came as far as `limit`. */
export function isWithin(position: string, limit: string): boolean {
  const limits = sequences(limit);
  return [...sequences(position)].every(([domain, sequence]) => sequence <= (limits.get(domain) ?? 0n));
}
