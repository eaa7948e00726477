import type { Version } from './version';

/** The polynomial of CRC-32 in IEEE 802.3, its bits reversed, as zlib and the databases use it. */
const POLYNOMIAL = 0xedb88320;

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? POLYNOMIAL ^ (remainder >>> 1) : remainder >>> 1;
  return remainder;
});

/**
 * A number below 2^32 that stands for one version of one member in checksums. Rows compute it where they stand, by
 * CRC32(); documents carry it. Sums of up to 2^20 of them are exact in doubles, which is what search engines add in.
 */
export function versionDigest(memberId: string, version: Version): number {
  const text = `${memberId}-${version}`;
  let checksum = 0xffffffff;
  for (let at = 0; at < text.length; at += 1) {
    checksum = (REMAINDERS[(checksum ^ text.charCodeAt(at)) & 0xff] ?? 0) ^ (checksum >>> 8);
  }
  return (checksum ^ 0xffffffff) >>> 0;
}
