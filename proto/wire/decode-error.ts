/** The only error that leaves a decoder: what is wrong, at which byte, and inside which structure. */

export class DecodeError extends Error {
  /** Bytes from the start of the message. */
  readonly offset: number;
  /** The way from the message to the field, outermost first: `flowMod.match.ipv4Src`. */
  path: string;

  constructor(message: string, offset: number, path = '') {
    super(message);
    this.name = 'DecodeError';
    this.offset = offset;
    this.path = path;
  }
}

/** Puts `name` in front of a DecodeError's path while it travels outwards; other errors pass as they are. */
export function within(error: unknown, name: string): unknown {
  if (error instanceof DecodeError) error.path = error.path === '' ? name : `${name}.${error.path}`;
  return error;
}

/**
 * What is written soundly but says what its schema can't keep, a name that no table of ours has, say: the variant or
 * extension around it is kept as bytes instead.
 */
export class Unrecognized extends DecodeError {}
