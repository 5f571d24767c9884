/** The file without what is secret in it, as text and as what was read from it: for those who may read the status. */

import { isAlias, isNode, isScalar, parseDocument, visit } from 'yaml';
import type { Config } from './model.ts';

/** Keys with a secret as their value, wherever they stand: the pre-shared key of a tunnel with IPsec. */
const SECRETS: ReadonlySet<string> = new Set(['psk']);
const HIDDEN = '(not shown)';

/** Every other byte stays as it is. */
export function withoutSecretText(text: string): string {
  const document = parseDocument(text);
  const ranges: [from: number, to: number][] = [];
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !SECRETS.has(String(key.value)) || !isNode(value)) return;
      const node = isAlias(value) ? value.resolve(document) : value;
      if (node?.range) ranges.push([node.range[0], node.range[1]]);
    },
  });
  ranges.sort(([a], [b]) => b - a);
  let hidden = text;
  let last = text.length;
  for (const [from, to] of ranges) {
    if (to > last) continue;
    // A block scalar's range ends behind its line.
    const end = hidden.slice(from, to).endsWith('\n') ? '\n' : '';
    hidden = `${hidden.slice(0, from)}"${HIDDEN}"${end}${hidden.slice(to)}`;
    last = from;
  }
  return hidden;
}

/** As plain JSON: maps as objects. */
export function withoutSecrets(config: Config): Record<string, unknown> {
  return plain(config) as Record<string, unknown>;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, each]) => [String(key), SECRETS.has(String(key)) ? HIDDEN : plain(each)]),
  );
}
