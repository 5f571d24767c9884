/** JSON as plain values, and the narrowing that every decoder here starts with. */
import { OvsdbDecodeError } from './error.ts';
import { formatJson } from './json-text.ts';

/** An integer that a number does not hold exactly is a bigint; every other number is a number. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isJsonObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function expectObject(json: Json | undefined, path: string): JsonObject {
  if (isJsonObject(json)) return json;
  throw new OvsdbDecodeError(path, `an object was expected, found ${shown(json)}`);
}

export function expectArray(json: Json | undefined, path: string): Json[] {
  if (Array.isArray(json)) return json;
  throw new OvsdbDecodeError(path, `an array was expected, found ${shown(json)}`);
}

export function expectString(json: Json | undefined, path: string): string {
  if (typeof json === 'string') return json;
  throw new OvsdbDecodeError(path, `a string was expected, found ${shown(json)}`);
}

/** A value for an error's text: never long. */
export function shown(json: Json | undefined): string {
  if (json === undefined) return 'nothing';
  const text = formatJson(json);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
