/** The words in which the shapes are written as JSON Schema, as OpenAPI 3.1 wants them. */

export interface JsonSchema {
  type?: string | string[];
  description?: string;
  enum?: (string | null)[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  $ref?: string;
  anyOf?: JsonSchema[];
}

/** Schemas by the names of their types. */
export type JsonSchemas = Record<string, JsonSchema>;

export const text: JsonSchema = { type: 'string' };
export const number: JsonSchema = { type: 'number' };
export const integer: JsonSchema = { type: 'integer' };
export const flag: JsonSchema = { type: 'boolean' };
export const time: JsonSchema = { type: 'integer', description: 'Milliseconds since 1970' };

export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const oneOf = (...values: readonly string[]): JsonSchema => ({ type: 'string', enum: [...values] });
export const by = (value: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: value,
});
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Of an interface: with its fields, no less and no more, or it does not compile. */
export function object<T>(properties: { [Field in keyof T]-?: JsonSchema }): JsonSchema {
  return { type: 'object', properties, required: requiredOf(properties), additionalProperties: false };
}

/** What a client sends, who may leave out the fields that are `optional`. */
export function request<T>(
  properties: { [Field in keyof T]-?: JsonSchema },
  optional: readonly (keyof T & string)[] = [],
): JsonSchema {
  const left: readonly string[] = optional;
  return { ...object<T>(properties), required: requiredOf(properties).filter((name) => !left.includes(name)) };
}

const requiredOf = (properties: object): string[] => Object.keys(properties);
