/** Writes the tables of keys in docs/config.md from the file's JSON Schema: `node scripts/config-reference.ts`. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serviceText } from '../src/config/firewall/protocols.ts';
import { SERVICES } from '../src/config/firewall/services.ts';
import { configJsonSchema } from '../src/config/json-schema.ts';

interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | false;
  items?: Schema;
  anyOf?: Schema[];
}

export const REFERENCE = fileURLToPath(new URL('../docs/config.md', import.meta.url));
const BEGIN = '<!-- generated from the schema by scripts/config-reference.ts: from here -->';
const END = '<!-- to here -->';

/** What stands for a name in the path of a map's entries. */
const ENTRY: Record<string, string> = { ports: 'HOST/INTERFACE', apps: 'NAME-OR-PATH' };

/** The text of docs/config.md with its tables made anew. */
export function withTables(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/config.md has lost the lines \`${BEGIN}\` and \`${END}\``);
  return `${text.slice(0, begin)}${BEGIN}\n\n${tables()}\n${text.slice(end)}`;
}

function tables(): string {
  const sections = [{ path: 'The file', schema: configJsonSchema() as Schema }];
  let text = '';
  for (let section = sections.shift(); section !== undefined; section = sections.shift()) {
    const { path, schema } = section;
    text += `### ${path === 'The file' ? path : `\`${path}\``}\n\n| key | value | default | meaning |\n|---|---|---|---|\n`;
    const nested: typeof sections = [];
    for (const [key, value] of Object.entries(schema.properties ?? {})) {
      const required = schema.required?.includes(key) === true;
      const standard = value.default === undefined ? (required ? 'required' : '') : `\`${String(value.default)}\``;
      text += `| \`${key}\` | ${valueWords(value)} | ${standard} | ${cell(value.description ?? '')} |\n`;
      nested.push(...formsOf(value, path === 'The file' ? key : `${path}.${key}`, key));
    }
    sections.unshift(...nested);
    text += '\n';
  }
  const names = [...SERVICES].map(([name, services]) => {
    return `\`${name}\` (${services.map(serviceText).join(', ')})`;
  });
  return `${text}### Services\n\n${names.join(', ')}; \`all\` is any IP.\n`;
}

/** The maps within a value: each becomes a table of its own. */
function formsOf(schema: Schema, path: string, key: string): { path: string; schema: Schema }[] {
  if (schema.properties !== undefined) return [{ path, schema }];
  const several = (schema.anyOf ?? []).filter((each) => each.properties !== undefined).length > 1;
  const inside = (schema.anyOf ?? []).flatMap((each) =>
    formsOf(each, several ? `${path} ${Object.keys(each.properties ?? {})[0]}` : path, key),
  );
  if (schema.items !== undefined) inside.push(...formsOf(schema.items, `${path}[]`, key));
  if (typeof schema.additionalProperties === 'object') {
    inside.push(...formsOf(schema.additionalProperties, `${path}.${ENTRY[key] ?? 'NAME'}`, key));
  }
  return inside;
}

function valueWords(schema: Schema): string {
  if (schema.anyOf !== undefined) {
    const forms = schema.anyOf.filter((each) => each.type !== 'null').map(valueWords);
    return [...new Set(forms)].join(', or ');
  }
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${String(each)}\``).join(' or ');
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'values' : plural(valueWords(schema.items))}`;
  if (schema.properties !== undefined) return 'map';
  if (schema.type === 'object') return 'map by name';
  if (schema.minimum !== undefined) return `${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'boolean') return '`true` or `false`';
  if (Array.isArray(schema.type)) return schema.type.join(', ');
  return schema.title?.replace(/^an? /, '') ?? 'text';
}

function plural(what: string): string {
  return what
    .replace(/^name$/, 'names')
    .replace(/address(?= |$)/, 'addresses')
    .replace(/^text, or map/, 'texts or maps')
    .replace(/, or map/g, '');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) writeFileSync(REFERENCE, withTables(readFileSync(REFERENCE, 'utf8')));
