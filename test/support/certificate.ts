import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate that vouches for itself, with its key, in files of its own. */
export interface Certificate {
  readonly pem: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  remove(): Promise<void>;
}

export async function makeCertificate(hostName: string): Promise<Certificate> {
  const directory = await mkdtemp(join(tmpdir(), 'twinkeep-certificate-'));
  const [certificateFile, keyFile] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const names = ['-subj', `/CN=${hostName}`, '-addext', `subjectAltName=DNS:${hostName}`];
  await promisify(execFile)('openssl', ['req', '-x509', '-days', '2', ...key, ...names, '-out', certificateFile]);
  return {
    pem: await readFile(certificateFile, 'utf8'),
    certificateFile,
    keyFile,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
