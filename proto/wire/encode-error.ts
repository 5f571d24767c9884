/** A value that has no place on the wire: which field, and why. Raised before a byte is sent. */

export class EncodeError extends Error {
  path: string;

  constructor(message: string, path = '') {
    super(message);
    this.name = 'EncodeError';
    this.path = path;
  }
}

/** Puts `name` in front of an EncodeError's path while it travels outwards; other errors pass as they are. */
export function inside(error: unknown, name: string): unknown {
  if (error instanceof EncodeError) {
    error.path = error.path === '' ? name : `${name}.${error.path}`;
    error.message = error.message.replace(/^(\[[^\]]*\] )?/, `[${error.path}] `);
  }
  return error;
}
