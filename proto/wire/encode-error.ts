/** A value that has no place on the wire: which field, and why. Raised before a byte is sent. */

export class EncodeError extends Error {
  path: string;

  constructor(message: string, path = '') {
    super(message);
    this.name = 'EncodeError';
    this.path = path;
  }
}

const MOST_SHOWN = 60;

/** A value that may come from a stranger's JSON, for an error's text: `String` of an object may itself throw. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value}"`;
  return typeof value === 'object' && value !== null ? 'this' : String(value);
}

/** Puts `name` in front of an EncodeError's path while it travels outwards; other errors pass as they are. */
export function inside(error: unknown, name: string): unknown {
  if (error instanceof EncodeError) {
    error.path = error.path === '' ? name : `${name}.${error.path}`;
    error.message = error.message.replace(/^(\[[^\]]*\] )?/, `[${error.path}] `);
  }
  return error;
}
