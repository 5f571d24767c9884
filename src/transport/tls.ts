/** TLS as Open vSwitch has it: both sides show a certificate that the other's CA signed, and names do not count (ovs-vswitchd.conf.db(5), "SSL"). */
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { DetailedPeerCertificate, SecureContextOptions, TLSSocket } from 'node:tls';

/**
 * Each is a file's path or the PEM text itself; files are read at each connection, so that new keys need no restart.
 * TLS 1.2 or later. The peer's certificate must be signed by the CA; its name is not compared with the address, as
 * Open vSwitch does not either: the CA should be one that signs nothing else.
 */
export interface TlsOptions {
  privateKey: string;
  certificate: string;
  caCert: string;
  /**
   * Where `caCert` is a file that is not there yet, the first server dialled is believed and its CA's certificate kept
   * there. One who listens never believes anybody this way.
   */
  bootstrap?: boolean;
}

export type TlsMaterial = Required<Pick<SecureContextOptions, 'key' | 'cert' | 'minVersion'>> & {
  ca: Buffer | undefined;
};

/** Reads what there is now. `ca` is undefined only where `bootstrap` allows it, for a file that is not there. */
export async function readTls(options: TlsOptions | undefined, bootstrap = false): Promise<TlsMaterial> {
  if (options === undefined) throw new Error('TLS needs a private key, a certificate and a CA certificate');
  return {
    key: await readPem('the private key', options.privateKey),
    cert: await readPem('the certificate', options.certificate),
    ca: await readPem('the CA certificate', options.caCert).catch((error: unknown) => {
      if (bootstrap && isMissing(error)) return undefined;
      throw error;
    }),
    minVersion: 'TLSv1.2',
  };
}

async function readPem(what: string, pathOrText: string): Promise<Buffer> {
  if (pathOrText.includes('-----BEGIN ')) return Buffer.from(pathOrText);
  const bytes = await readFile(pathOrText).catch((cause: Error) => {
    throw new Error(`${what} cannot be read: ${cause.message}`, { cause });
  });
  if (!bytes.includes('-----BEGIN ')) throw new Error(`${what} in ${pathOrText} is no PEM text`);
  return bytes;
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

/** Keeps the certificate of the CA that the peer sent along with its own; the connection itself is worth nothing yet. */
export async function bootstrapCa(socket: TLSSocket, path: string): Promise<void> {
  let last: DetailedPeerCertificate = socket.getPeerCertificate(true);
  while (last.issuerCertificate !== undefined && last.issuerCertificate !== last) last = last.issuerCertificate;
  const authority = last.raw === undefined ? undefined : new X509Certificate(last.raw);
  if (authority?.verify(authority.publicKey) !== true) {
    throw new Error(
      'the peer did not send the certificate of its CA: copy the file by hand, or start it so that it does',
    );
  }
  // Another process may have been faster: its file stands.
  await writeFile(path, authority.toString(), { flag: 'wx', mode: 0o644 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
