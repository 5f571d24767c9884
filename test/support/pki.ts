/** Certificate authorities and certificates for tests, made by openssl. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TlsOptions } from '../../src/transport/tls.ts';

const run = promisify(execFile);
const keys = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

export interface Authority {
  caCert: string;
  /** Files of a new key and its certificate, in the folder. */
  sign(name: string): Promise<TlsOptions>;
}

/** A CA whose files are in the folder, named after it. */
export async function createAuthority(folder: string, name: string): Promise<Authority> {
  const caKey = join(folder, `${name}-ca-key.pem`);
  const caCert = join(folder, `${name}-ca-cert.pem`);
  await run('openssl', ['req', '-x509', ...keys, '-subj', `/CN=${name} CA`, '-keyout', caKey, '-out', caCert]);
  return {
    caCert,
    async sign(who) {
      const privateKey = join(folder, `${name}-${who}-key.pem`);
      const certificate = join(folder, `${name}-${who}-cert.pem`);
      const subject = ['-subj', `/CN=${who}`, '-addext', 'basicConstraints=critical,CA:FALSE'];
      const signed = ['-CA', caCert, '-CAkey', caKey, '-keyout', privateKey, '-out', certificate];
      await run('openssl', ['req', '-x509', ...keys, ...subject, ...signed]);
      return { privateKey, certificate, caCert };
    },
  };
}
