/**
 * Flows of one table by match and priority: which is the first that a packet meets. Tuple space search, as Open vSwitch
 * does: flows with the same masks share a hash table. Conjunctive matches (ovs-actions(7), conjunction) are found here too.
 */

import type { Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import { covers, type MaskedKey } from '../key/masked-key.ts';
import { type Conjunction, conjunctionIn } from './conjunction.ts';

export interface Classified<E> {
  readonly masked: MaskedKey;
  readonly priority: number;
  /** Of a flow whose actions are conjunctions alone. */
  readonly conjunctions: readonly Conjunction[] | undefined;
  /** The classifier's own: the next lower priority with the same match. */
  next: E | undefined;
}

export interface Classifier<E extends Classified<E>> {
  readonly size: number;
  /** Takes the place of one with the same match and priority, which it returns. */
  insert(entry: E): E | undefined;
  remove(entry: E): void;
  /** With exactly this match and priority. */
  find(masked: MaskedKey, priority: number): E | undefined;
  /** The one of highest priority that covers the key. */
  lookup(key: Key): E | undefined;
  entries(): IterableIterator<E>;
}

/** All flows with one match, by falling priority. */
interface Chain<E> {
  values: Uint32Array;
  first: E;
  /** Another match with the same hash. */
  collides: Chain<E> | undefined;
}

interface Subtable<E> {
  maskText: string;
  words: Uint16Array;
  masks: Uint32Array;
  chains: Map<number, Chain<E>>;
  size: number;
  maxPriority: number;
}

export function createClassifier<E extends Classified<E>>(): Classifier<E> {
  const byMask = new Map<string, Subtable<E>>();
  /** By falling highest priority. */
  const subtables: Subtable<E>[] = [];
  let size = 0;
  let conjunctive = 0;

  const inOrder = () => subtables.sort((a, b) => b.maxPriority - a.maxPriority);

  function subtableFor({ maskText, words, masks }: MaskedKey): Subtable<E> {
    let found = byMask.get(maskText);
    if (found === undefined) {
      found = { maskText, words, masks, chains: new Map(), size: 0, maxPriority: -1 };
      byMask.set(maskText, found);
      subtables.push(found);
    }
    return found;
  }

  function insert(entry: E): E | undefined {
    const subtable = subtableFor(entry.masked);
    const { values } = entry.masked;
    const hash = hashOf(values);
    let chain = chainIn(subtable, hash, values);
    let replaced: E | undefined;
    entry.next = undefined;
    if (chain === undefined) {
      chain = { values, first: entry, collides: subtable.chains.get(hash) };
      subtable.chains.set(hash, chain);
    } else if (chain.first.priority < entry.priority) {
      entry.next = chain.first;
      chain.first = entry;
    } else if (chain.first.priority === entry.priority) {
      replaced = chain.first;
      entry.next = replaced.next;
      chain.first = entry;
    } else {
      let before = chain.first;
      while (before.next !== undefined && before.next.priority > entry.priority) before = before.next;
      if (before.next?.priority === entry.priority) replaced = before.next;
      entry.next = replaced === undefined ? before.next : replaced.next;
      before.next = entry;
    }
    if (replaced === undefined) {
      size++;
      subtable.size++;
    } else if (replaced.conjunctions !== undefined) conjunctive--;
    if (entry.conjunctions !== undefined) conjunctive++;
    if (entry.priority > subtable.maxPriority) {
      subtable.maxPriority = entry.priority;
      inOrder();
    }
    return replaced;
  }

  function remove(entry: E): void {
    const subtable = byMask.get(entry.masked.maskText);
    const hash = hashOf(entry.masked.values);
    const chain = subtable === undefined ? undefined : chainIn(subtable, hash, entry.masked.values);
    if (subtable === undefined || chain === undefined) return;
    if (chain.first === entry) {
      if (entry.next === undefined) dropChain(subtable, hash, chain);
      else chain.first = entry.next;
    } else {
      let before: E | undefined = chain.first;
      while (before !== undefined && before.next !== entry) before = before.next;
      if (before === undefined) return;
      before.next = entry.next;
    }
    entry.next = undefined;
    size--;
    subtable.size--;
    if (entry.conjunctions !== undefined) conjunctive--;
    if (subtable.size === 0) {
      byMask.delete(subtable.maskText);
      subtables.splice(subtables.indexOf(subtable), 1);
    } else if (entry.priority === subtable.maxPriority) {
      subtable.maxPriority = highest(subtable);
      inOrder();
    }
  }

  /** The first chain of each subtable that covers the key and may still matter. */
  function lookup(key: Key): E | undefined {
    if (conjunctive > 0) return lookupConjunctive(key);
    let best: E | undefined;
    for (let i = 0; i < subtables.length; i++) {
      const subtable = subtables[i]!;
      if (best !== undefined && subtable.maxPriority <= best.priority) return best;
      const found = firstIn(subtable, key);
      if (found !== undefined && (best === undefined || found.priority > best.priority)) best = found;
    }
    return best;
  }

  /** Without flows that are parts of conjunctions; those are given to `soft`. */
  function lookupHard(key: Key, soft: E[] | undefined): E | undefined {
    let best: E | undefined;
    for (const subtable of subtables) {
      if (best !== undefined && subtable.maxPriority <= best.priority) break;
      const found = firstIn(subtable, key);
      if (found === undefined || (best !== undefined && found.priority <= best.priority)) continue;
      if (found.conjunctions === undefined) best = found;
      else soft?.push(found);
    }
    return best;
  }

  /** Parts of conjunctions by falling priority, as long as they lie above the best that stands alone. */
  function lookupConjunctive(key: Key): E | undefined {
    const soft: E[] = [];
    let best = lookupHard(key, soft);
    for (;;) {
      const floor = best?.priority ?? -1;
      const above = soft.filter(({ priority }) => priority > floor);
      if (above.length === 0) return best;
      const top = Math.max(...above.map(({ priority }) => priority));
      const id = conjunctionIn(above.filter(({ priority }) => priority === top).flatMap((each) => each.conjunctions!));
      if (id !== undefined) {
        const before = key[WORD.conjId]!;
        key[WORD.conjId] = id;
        const found = lookupHard(key, undefined);
        key[WORD.conjId] = before;
        if (found !== undefined) return found;
      }
      // None of these: what has the same match and the next lower priority takes their place.
      soft.length = 0;
      for (const each of above) {
        const next = each.priority === top ? each.next : each;
        if (next === undefined) continue;
        if (next.conjunctions !== undefined) soft.push(next);
        else if (next.priority > (best?.priority ?? -1)) best = next;
      }
    }
  }

  return {
    get size() {
      return size;
    },
    insert,
    remove,
    find(masked, priority) {
      const subtable = byMask.get(masked.maskText);
      if (subtable === undefined) return undefined;
      let entry = chainIn(subtable, hashOf(masked.values), masked.values)?.first;
      while (entry !== undefined && entry.priority > priority) entry = entry.next;
      return entry?.priority === priority ? entry : undefined;
    },
    lookup,
    *entries() {
      for (const { chains } of subtables) {
        for (let chain of chains.values()) {
          for (;;) {
            for (let entry: E | undefined = chain.first; entry !== undefined; entry = entry.next) yield entry;
            if (chain.collides === undefined) break;
            chain = chain.collides;
          }
        }
      }
    },
  };
}

/** Fits a small integer, which a Map finds fastest. */
function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function hashOf(values: Uint32Array): number {
  let hash = 0;
  for (let i = 0; i < values.length; i++) hash = mix(hash, values[i]!);
  return hash >> 2;
}

function firstIn<E extends Classified<E>>({ words, masks, chains }: Subtable<E>, key: Key): E | undefined {
  let hash = 0;
  for (let i = 0; i < words.length; i++) hash = mix(hash, key[words[i]!]! & masks[i]!);
  let chain = chains.get(hash >> 2);
  while (chain !== undefined && !covers(chain.first.masked, key)) chain = chain.collides;
  return chain?.first;
}

function chainIn<E>({ chains }: Subtable<E>, hash: number, values: Uint32Array): Chain<E> | undefined {
  let chain = chains.get(hash);
  while (chain !== undefined && !isEqual(chain.values, values)) chain = chain.collides;
  return chain;
}

function isEqual(one: Uint32Array, other: Uint32Array): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function dropChain<E>({ chains }: Subtable<E>, hash: number, dropped: Chain<E>): void {
  const first = chains.get(hash);
  if (first === dropped) {
    if (dropped.collides === undefined) chains.delete(hash);
    else chains.set(hash, dropped.collides);
    return;
  }
  let before = first;
  while (before !== undefined && before.collides !== dropped) before = before.collides;
  if (before !== undefined) before.collides = dropped.collides;
}

function highest<E extends Classified<E>>({ chains }: Subtable<E>): number {
  let most = -1;
  for (const first of chains.values()) {
    let chain: Chain<E> | undefined = first;
    for (; chain !== undefined; chain = chain.collides) most = Math.max(most, chain.first.priority);
  }
  return most;
}
