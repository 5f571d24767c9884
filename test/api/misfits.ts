/** Whether a value fits its JSON Schema: as much of it as `shapes/schema.ts` has words for. */

import type { JsonSchema } from '../../src/api/shapes/schema.ts';

/** What does not fit, one line each, with its place. */
export function misfits(value: unknown, schema: JsonSchema, all: Record<string, JsonSchema>, at: string): string[] {
  if (schema.$ref !== undefined) return misfits(value, all[schema.$ref.split('/').at(-1)!]!, all, at);
  if (schema.anyOf !== undefined) {
    const tried = schema.anyOf.map((one) => misfits(value, one, all, at));
    return tried.find((one) => one.length === 0) ?? tried.flat();
  }
  // Of any type, where the schema says none.
  if (schema.type === undefined && schema.enum === undefined) return [];
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) return [`${at}: ${value} not in enum`];
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return [`${at}: not a list`];
    return value.flatMap((one, index) => misfits(one, schema.items!, all, `${at}/${index}`));
  }
  if (schema.type === 'object') {
    if (typeof value !== 'object' || value === null) return [`${at}: not an object`];
    const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}: no ${name}`);
    const inner = Object.entries(value).flatMap(([name, one]) => {
      const known = schema.properties?.[name];
      if (known !== undefined) return misfits(one, known, all, `${at}/${name}`);
      const others = schema.additionalProperties;
      if (typeof others === 'object') return misfits(one, others, all, `${at}/${name}`);
      return others === false ? [`${at}: ${name} is not in the schema`] : [];
    });
    return [...missing, ...inner];
  }
  const type = value === null ? 'null' : typeof value;
  const fits = schema.type === type || (schema.type === 'integer' && Number.isInteger(value));
  return fits ? [] : [`${at}: ${type} instead of ${schema.type}`];
}
