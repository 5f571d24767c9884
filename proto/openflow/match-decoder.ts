/**
 * ofp_match read by generated code. Switches send few shapes of matches, each a sequence of OXM headers: one that comes
 * often gets a function that expects its very headers and makes the whole value at once. What no function expects is
 * the interpreted codec's. The code is made of the table of fields; of what came over the wire only headers are in it
 * that the table has.
 */

import { DEPTH_MARGIN, type Decode } from '../wire/compile-decode.ts';
import { createFunctionSource } from '../wire/generate.ts';
import { MAX_DEPTH, type Reader } from '../wire/reader.ts';
import { EMPTY_MATCH, match } from './match.ts';
import { type FieldName, fieldRow } from './oxm-fields.ts';
import { headerOf, PLAIN_FIELDS, plainMemory, tooLarge, valueAt } from './oxm-plain.ts';

/** Gives the match at `p` of the view, or undefined where it is not of the shape, or goes beyond `e`. */
type ShapeDecode = (view: DataView, p: number, e: number, reader: Reader, origin: number) => unknown;

/** How often a shape comes before it gets a function. */
const OFTEN = 16;
/** Shapes with a function at most, and shapes that are counted; then all are forgotten: a hostile peer makes up any. */
const MOST = 512;
/** Fields in a shape at most. */
const LONGEST = 24;

interface HeaderEntry {
  name: FieldName;
  masked: boolean;
}

function headers(): Map<number, HeaderEntry> {
  const found = new Map<number, HeaderEntry>();
  for (const name of PLAIN_FIELDS) {
    found.set(headerOf(name, false) | 0, { name, masked: false });
    if (fieldRow(name).maskable) found.set(headerOf(name, true) | 0, { name, masked: true });
  }
  return found;
}

export function matchDecoder(often = OFTEN): Decode {
  const known = headers();
  const shapes = new Map<number, ShapeDecode>();
  const counts = new Map<number, number>();

  function count(key: number, view: DataView, start: number, end: number): void {
    const times = (counts.get(key) ?? 0) + 1;
    if (times > often) return;
    // What comes often is soon there again.
    if (times === 1 && counts.size === MOST) counts.clear();
    counts.set(key, times);
    if (times < often) return;
    const fields = fieldsBetween(view, start + 4, end);
    if (fields === undefined) return;
    if (shapes.size === MOST) shapes.clear();
    shapes.set(key, generate(end - start, fields));
  }

  /** undefined where not every field is plain, or one stands twice. */
  function fieldsBetween(view: DataView, start: number, end: number): HeaderEntry[] | undefined {
    const fields: HeaderEntry[] = [];
    for (let p = start; p < end; p += 4 + view.getUint8(p + 3)) {
      const field = end - p < 4 ? undefined : known.get(view.getInt32(p));
      if (field === undefined || fields.length === LONGEST || fields.some(({ name }) => name === field.name)) {
        return undefined;
      }
      fields.push(field);
    }
    return fields;
  }

  return (reader) => {
    const { view, origin, position } = reader;
    const start = position + origin;
    const end = reader.end + origin;
    const length = end - start < 4 ? 0 : view.getUint16(start + 2);
    const stop = start + length;
    if (length < 4 || stop > end || reader.depth > MAX_DEPTH - DEPTH_MARGIN) return match.decode(reader);
    let key = length;
    for (let p = start + 4; stop - p >= 4; ) {
      const header = view.getInt32(p);
      key = Math.imul(key ^ header, 0x9e3779b1);
      key ^= key >>> 15;
      p += 4 + (header & 0xff);
    }
    const value = shapes.get(key)?.(view, start, end, reader, origin);
    if (value !== undefined) {
      reader.position = position + ((length + 7) & -8);
      return value;
    }
    const slow = match.decode(reader);
    count(key, view, start, stop);
    return slow;
  };
}

/** `length` without padding, as the match's own field has it. */
function generate(length: number, fields: readonly HeaderEntry[]): ShapeDecode {
  const source = createFunctionSource();
  const { lines } = source;
  const members: string[] = [];
  let size = 4;
  let memory = EMPTY_MATCH;
  lines.push(`if (e - p < ${(length + 7) & -8} || v.getUint32(p) !== ${0x10000 + length}) return undefined;`);
  for (const { name, masked } of fields) {
    const row = fieldRow(name);
    lines.push(`if (v.getInt32(p + ${size}) !== ${headerOf(name, masked) | 0}) return undefined;`);
    const read = (at: number) => {
      const variable = source.fresh('x');
      lines.push(`const ${variable} = ${valueAt(source, row, `p + ${at}`)};`);
      const strange = tooLarge(row, variable);
      if (strange !== undefined) lines.push(`if (${strange}) return undefined;`);
      return variable;
    };
    const value = read(size + 4);
    members.push(masked ? `${name}: { value: ${value}, mask: ${read(size + 4 + row.bytes)} }` : `${name}: ${value}`);
    size += 4 + row.bytes * (masked ? 2 : 1);
    memory += plainMemory(row, masked);
  }
  lines.push(`if ((r.root.memory -= ${memory}) < 0) return undefined;`);
  lines.push(`return { ${members.join(', ')} };`);
  return source.build('decodeShape', ['v', 'p', 'e', 'r', 'o']) as unknown as ShapeDecode;
}
