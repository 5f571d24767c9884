// Messages as large as can be: every list in every kind of message, full of one item again and again, or of many.
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';
import type { Random } from './random.ts';

/** Less than a message's 64 KiB by what padding, and items larger than others, may add. */
export const FULL = 63_000;

type Path = readonly (string | number)[];

export interface Filled {
  /** The message's place that is full, and of what. */
  what: string;
  bytes: Uint8Array;
}

/** Different messages of one kind. */
export interface Group {
  what: string;
  messages: Uint8Array[];
}

/** A list in a kind of message: one such message, and items for it. */
interface Place {
  message: Message;
  path: Path;
  items: unknown[];
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
  const bytes = full(message, path, [item]);
  if (bytes === undefined) return [];
  const tag = typeof item === 'object' && item !== null && 'type' in item ? ` of ${String(item.type)}` : '';
  return [{ what: nameOf(message, path) + tag, bytes }];
}

/** The message with the list at `path` full of these, in turn; undefined where it takes too few to make a large message. */
export function full(message: Message, path: Path, items: readonly unknown[]): Uint8Array | undefined {
  const encode = (count: number) => {
    const all = Array.from({ length: count }, (_, i) => items[i % items.length]);
    return encodeMessage(put(message, path, all) as Message);
  };
  try {
    const none = encode(0).length;
    // Some share padding.
    const some = items.length * Math.ceil(8 / items.length);
    const each = (encode(some).length - none) / some;
    if (each < 1) return undefined;
    const bytes = encode(Math.floor((FULL - none) / each)).slice();
    return bytes.length > FULL / 2 ? bytes : undefined;
  } catch {
    // It stands inside a length of 8 bits, say.
    return undefined;
  }
}

/** Each list of these messages, which are of one kind, full of all items that any of them has there: as many different ones. */
export function mixed(messages: readonly Message[], times: number, random: Random): Group[] {
  const places = new Map<string, Place>();
  for (const message of messages) {
    for (const { path, items } of lists(message)) {
      const what = nameOf(message, path);
      const place = places.get(what) ?? { message, path, items: [] };
      places.set(what, place);
      place.items.push(...items);
    }
  }
  return [...places].flatMap(([what, { message, path, items }]) => {
    const made = Array.from({ length: times }, () => full(message, path, shuffled(items, random)));
    const messages = made.filter((bytes) => bytes !== undefined);
    return messages.length === 0 ? [] : [{ what: `${what} of all kinds`, messages }];
  });
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function nameOf(message: Message, path: Path): string {
  return `${kindOf(message)} ${path.filter((name) => !/^\d/.test(String(name))).join('.')}`;
}

function kindOf(message: Message): string {
  return 'kind' in message ? `${message.type} ${message.kind}` : message.type;
}
