/** A system's error on a socket in a person's words, with the target that it happened at. */

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
