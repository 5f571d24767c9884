/** <atom> (RFC 7047 §5.1): the single values that columns are made of. */
import { OvsdbDecodeError } from './error.ts';
import { type Json, shown } from './json.ts';
import { encodeUuid, isUuid, type UuidReference } from './uuid.ts';

export type AtomType = 'integer' | 'real' | 'boolean' | 'string' | 'uuid';

/** 64 bits: a number where it holds it exactly, up to 2^53, else a bigint. `Number(value)` where the last digits do not matter. */
export type Integer = number | bigint;

/** An atom as it is read. */
export type Atom = Integer | boolean | string;
export type AtomOf<T extends AtomType> = T extends 'integer'
  ? Integer
  : T extends 'real'
    ? number
    : T extends 'boolean'
      ? boolean
      : string;

/** An atom as it may be written: a UUID may be of a row to be inserted. */
export type AtomInput = Atom | UuidReference;
export type AtomInputOf<T extends AtomType> = T extends 'uuid' ? UuidReference : AtomOf<T>;

/** `index`: of an element of a set, for the error alone. */
export function decodeAtom(type: AtomType, json: Json | undefined, path: string, index?: number): Atom {
  switch (type) {
    case 'integer':
      if (typeof json === 'bigint' || (typeof json === 'number' && Number.isInteger(json))) return json;
      break;
    case 'real':
      if (typeof json === 'number') return json;
      if (typeof json === 'bigint') return Number(json);
      break;
    case 'boolean':
      if (typeof json === 'boolean') return json;
      break;
    case 'string':
      if (typeof json === 'string') return json;
      break;
    case 'uuid':
      if (
        Array.isArray(json) &&
        json.length === 2 &&
        json[0] === 'uuid' &&
        typeof json[1] === 'string' &&
        isUuid(json[1])
      ) {
        return json[1];
      }
      break;
  }
  const where = index === undefined ? path : `${path}[${index}]`;
  throw new OvsdbDecodeError(where, `${type} expected, found ${shown(json)}`);
}

export function encodeAtom(type: AtomType, value: AtomInput): Json {
  if (typeof value === 'object') return encodeUuid(value);
  return type === 'uuid' && typeof value === 'string' ? encodeUuid(value) : value;
}
