/** A system's error on a socket in a person's words, with the target that it happened at. */

const otherCa = 'TLS: the certificate of the peer is not of our CA: is it the right CA certificate?';
const ourCa = 'TLS: the peer does not accept our certificate: is it signed by the CA that the peer knows?';
const noTls = 'TLS: the peer speaks none: is the port right, or is it one without TLS?';

const words: Record<string, string> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the peer reset the connection',
  EPIPE: 'the peer closed the connection',
  ETIMEDOUT: 'no answer: is the address right and the way there open?',
  EHOSTUNREACH: 'no route to that host',
  ENETUNREACH: 'no route to that network',
  ENOTFOUND: 'the name is unknown; write the address',
  EAI_AGAIN: 'the name cannot be looked up now; write the address',
  ENOENT: 'there is no such socket: is the server running?',
  ENOTSOCK: 'is no socket',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EADDRINUSE: 'the address is in use by another program: stop that one, or choose another',
  EADDRNOTAVAIL: 'this machine does not have that address',
  SELF_SIGNED_CERT_IN_CHAIN: otherCa,
  DEPTH_ZERO_SELF_SIGNED_CERT: otherCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: otherCa,
  UNABLE_TO_GET_ISSUER_CERT: otherCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: otherCa,
  CERT_SIGNATURE_FAILURE: otherCa,
  CERT_HAS_EXPIRED: 'TLS: the certificate of the peer has expired',
  CERT_NOT_YET_VALID: 'TLS: the certificate of the peer is not valid yet: are both clocks right?',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ourCa,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: ourCa,
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: ourCa,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ourCa,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'TLS: the peer refused: did it want a certificate, or speak an older TLS?',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'TLS: the peer wants a certificate',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'TLS: the peer showed no certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ERR_SSL_HTTP_REQUEST: noTls,
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'TLS: the peer speaks only a version before 1.2',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'TLS: the peer speaks only a version before 1.2',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'TLS: the peer did not shake hands in time',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'TLS: the private key does not belong to the certificate',
};

export class SocketError extends Error {
  /** The system's name of it, `ECONNREFUSED`; undefined where it is ours. */
  readonly code: string | undefined;

  constructor(target: string, cause: unknown) {
    super(`${target}: ${socketErrorText(cause)}`, { cause });
    this.name = 'SocketError';
    this.code = codeOf(cause);
  }
}

/** The words alone, where the target is told elsewhere. */
export function socketErrorText(cause: unknown): string {
  const code = codeOf(cause);
  const plain = cause instanceof Error ? cause.message : String(cause);
  return code === undefined ? plain : (words[code] ?? plain);
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
