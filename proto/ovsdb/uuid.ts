/** <uuid> and <named-uuid> (RFC 7047 §5.1). A row's UUID is a plain string here; a row that is yet to be inserted is named. */

/** Stands for a row that the same transaction inserts under this `uuid-name`. */
export interface NamedUuid {
  readonly named: string;
}

/** What may stand where a transaction refers to a row. */
export type UuidReference = string | NamedUuid;

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const zeroUuid = '00000000-0000-0000-0000-000000000000';

export function isUuid(text: string): boolean {
  return uuidForm.test(text);
}

/** A name for a row to be inserted. It must be an <id>: letters, digits and underscores, no digit first. */
export function namedUuid(name: string): NamedUuid {
  if (!nameForm.test(name)) throw new TypeError(`"${name}" is no name of a row: letters, digits and _, no digit first`);
  return { named: name };
}

export function encodeUuid(reference: UuidReference): ['uuid' | 'named-uuid', string] {
  return typeof reference === 'string' ? ['uuid', reference] : ['named-uuid', reference.named];
}
