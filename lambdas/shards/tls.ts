import type { SslOptions } from 'mysql2';
import type { Tls } from '../core';

/** One object for all pools: the client keeps what it has parsed by the object that it was told in. */
const KNOWN: SslOptions = { minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true };

/** What the client is told: the server must show a certificate for its name, by somebody known or by the one given. */
export function sslOf(tls: Tls | undefined): SslOptions | undefined {
  if (tls === undefined || tls === false) return undefined;
  return tls === true ? KNOWN : { ...KNOWN, ...tls };
}
