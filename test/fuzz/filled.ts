// Messages as large as can be, full of one thing: every list in every kind of message, with one item again and again.
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';

/** Less than a message's 64 KiB by what padding and the like may add. */
const FULL = 65_000;

type Path = readonly (string | number)[];

export interface Filled {
  /** The message's place that is full, and of what. */
  what: string;
  bytes: Uint8Array;
}

function* lists(value: unknown, path: Path = []): Generator<{ path: Path; items: readonly unknown[] }> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if (Array.isArray(value)) yield { path, items: value };
  for (const [name, inner] of Object.entries(value)) yield* lists(inner, [...path, name]);
}

/** The value with `items` at the place, and in every list on the way there nothing else. */
function put(value: unknown, [name, ...rest]: Path, items: readonly unknown[]): unknown {
  if (name === undefined) return items;
  if (Array.isArray(value)) return [put(value[Number(name)], rest, items)];
  const members = value as Record<string, unknown>;
  return { ...members, [name]: put(members[name], rest, items) };
}

/** The same message with each of its lists filled in turn with each of its items; `outermost`: no list inside another. */
export function filled(message: Message, which: 'all' | 'outermost' = 'all'): Filled[] {
  const all = [...lists(message)].filter(({ path }) => which === 'all' || path.length === 1);
  return all.flatMap(({ path, items }) => items.flatMap((item) => fill(message, path, item)));
}

function fill(message: Message, path: Path, item: unknown): Filled[] {
  const encode = (count: number) => encodeMessage(put(message, path, Array(count).fill(item)) as Message);
  try {
    const one = encode(1).length;
    // A pair may share padding.
    const each = (encode(9).length - one) / 8;
    if (each < 1) return [];
    const bytes = encode(Math.floor((FULL - one) / each) + 1).slice();
    const tag = typeof item === 'object' && item !== null && 'type' in item ? ` of ${String(item.type)}` : '';
    return [{ what: `${kindOf(message)} ${path.filter((name) => !/^\d/.test(String(name))).join('.')}${tag}`, bytes }];
  } catch {
    // One is all that the place takes: an item inside a length of 8 bits, say.
    return [];
  }
}

function kindOf(message: Message): string {
  return 'kind' in message ? `${message.type} ${message.kind}` : message.type;
}
