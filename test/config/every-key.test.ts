/** A file with every key that there is: printed with its defaults it reads the same, to the last value. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeConfig } from '../../src/config/describe.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { formatProblems } from '../../src/config/problem.ts';

const text = readFileSync(new URL('./every-key.yaml', import.meta.url), 'utf8');

function read(yaml: string): Config {
  const loaded = parseConfig(yaml, 'f.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded.config;
}

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
}

/** `bridges.*.ports.*.qos.type`: what the schema names; a `*` is a name of the user's. */
function named(schema: Schema, path: string): string[] {
  const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, each]) => [
      `${path}${key}`,
      ...named(each, `${path}${key}.`),
    ]),
    ...(inner === undefined ? [] : named(inner, `${path}*.`)),
    ...(schema.items === undefined ? [] : named(schema.items, path)),
    ...(schema.anyOf ?? []).flatMap((each) => named(each, path)),
  ];
}

/** The paths in a document, names of the user's as both what they are and `*`. */
function used(value: unknown, paths: string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => used(each, paths));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const next = paths.flatMap((path) => [`${path}${key}`, `${path}*`]);
    return [
      ...next,
      ...used(
        each,
        next.map((path) => `${path}.`),
      ),
    ];
  });
}

test('no key is left out of it', () => {
  const schema = configJsonSchema() as Schema;
  const keys = named(schema, '');
  expect(keys).toContain('bridges.*.ports.*.qos.queues.*.dscp');
  const there = new Set(used(parse(text), ['']));
  expect(keys.filter((key) => !there.has(key))).toEqual([]);
});

test('printed with its defaults it reads the same', () => {
  const config = read(text);
  const printed = describeConfig(config);
  const again = read(printed);
  expect(values(again)).toEqual(values(config));
  expect(describeConfig(again)).toBe(printed);
});

test('and what is compared here is the values themselves', () => {
  for (const [before, after] of [
    ['mac-table-size: 100', 'mac-table-size: 101'],
    ['tos: inherit', 'tos: 1'],
    ['quantum: 1500', 'quantum: 1501'],
    ['maxRate: 2000,', 'maxRate: 2001,'],
    ['flow_limit: 1000', 'flow_limit: 1001'],
    ['iface-id: x', 'iface-id: y'],
    ['rate: 1000, burst', 'rate: 1001, burst'],
    ['direction: in', 'direction: out'],
  ] as const) {
    expect(text).toContain(before);
    expect(values(read(text.replace(before, after))), before).not.toEqual(values(read(text)));
  }
});

/** Without what tells of the text only. Maps stay maps: to JSON they would all be the same. */
function values(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, values(each)]));
  if (Array.isArray(value)) return value.map(values);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !['source', 'sources', 'file', 'text'].includes(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, values(each)]));
}
