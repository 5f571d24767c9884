/** JSON texts with OVSDB's 64-bit integers (RFC 7047 §3.1 <integer>): a bigint where a number would lose digits. */
import type { Json } from './json.ts';

/** TypeScript does not know the third argument of a reviver, nor `JSON.rawJSON`, yet. */
type Reviver = (key: string, value: Json, context: { source?: string }) => Json;
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver: Reviver): Json;
  rawJSON(text: string): Json;
};

const integer = /^-?\d+$/;

/** `longNumbers`: the text may hold integers beyond 2^53. Looking for them takes eight times as long. */
export function parseJson(text: string, longNumbers: boolean): Json {
  if (!longNumbers) return JSON.parse(text) as Json;
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && integer.test(source)
      ? BigInt(source)
      : value,
  );
}

export function formatJson(json: Json): string {
  try {
    return JSON.stringify(json);
  } catch (error) {
    // Only a bigint is refused; the few texts that have one are written the slower way.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(json, (_key, value: unknown) =>
      typeof value === 'bigint' ? rawJSON(value.toString()) : value,
    );
  }
}
