/** Rows of numbers, found by some of their columns: open addressing over typed arrays, no object for a row. */

export interface Rows {
  /** How many there are. */
  readonly size: number;
  /** The row whose key columns have these values, or -1. `values` has one for each column. */
  find(values: Float64Array): number;
  /** The row with these values, made where there was none; -1: there are as many as may be. */
  put(values: Float64Array): number;
  remove(row: number): void;
  at(row: number, column: number): number;
  read(row: number, into: Float64Array): void;
  has(row: number): boolean;
  /** All of them; those that are there may be removed meanwhile. */
  [Symbol.iterator](): Iterator<number>;
}

const FIRST_ROOM = 64;
const FREE = 0;

/** `keys`: the columns that tell rows apart. */
export function createRows(columns: number, keys: readonly number[], most: number): Rows {
  const keyColumns = Int32Array.from(keys);
  let room = FIRST_ROOM;
  let cells = new Float64Array(room * columns);
  /** Row + 1 by hash; twice as many places as there is room for. */
  let index = new Int32Array(2 * room);
  let isUsed = new Uint8Array(room);
  /** Rows that were removed. */
  const left: number[] = [];
  let top = 0;
  let size = 0;

  function hash(cell: Float64Array, base: number): number {
    let h = 0;
    for (let i = 0; i < keyColumns.length; i++) {
      const value = cell[base + keyColumns[i]!]!;
      h = Math.imul(h ^ (value | 0), 0x9e3779b1);
      h = Math.imul((h ^ (h >>> 15)) + ((value / 0x1_0000_0000) | 0), 0x85ebca6b);
      h ^= h >>> 13;
    }
    return h;
  }

  /** Where the row with these keys is in the index, or where it would stand. */
  function placeOf(values: Float64Array): number {
    const mask = index.length - 1;
    let place = hash(values, 0) & mask;
    for (; index[place] !== FREE; place = (place + 1) & mask) {
      const base = (index[place]! - 1) * columns;
      let i = 0;
      while (i < keyColumns.length && cells[base + keyColumns[i]!] === values[keyColumns[i]!]) i++;
      if (i === keyColumns.length) break;
    }
    return place;
  }

  function grow(): void {
    room *= 2;
    const wider = new Float64Array(room * columns);
    wider.set(cells);
    cells = wider;
    const used = new Uint8Array(room);
    used.set(isUsed);
    isUsed = used;
    index = new Int32Array(2 * room);
    const mask = index.length - 1;
    for (let row = 0; row < top; row++) {
      if (isUsed[row] === 0) continue;
      let place = hash(cells, row * columns) & mask;
      while (index[place] !== FREE) place = (place + 1) & mask;
      index[place] = row + 1;
    }
  }

  /** What stands behind the place and would not be found any more moves up. */
  function close(from: number): void {
    const mask = index.length - 1;
    let hole = from;
    for (let place = (from + 1) & mask; index[place] !== FREE; place = (place + 1) & mask) {
      const home = hash(cells, (index[place]! - 1) * columns) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      index[hole] = index[place]!;
      hole = place;
    }
    index[hole] = FREE;
  }

  return {
    get size() {
      return size;
    },
    find: (values) => index[placeOf(values)]! - 1,
    put(values) {
      let place = placeOf(values);
      let row = index[place]! - 1;
      if (row < 0) {
        if (size >= most) return -1;
        if (left.length === 0 && top === room) {
          grow();
          place = placeOf(values);
        }
        row = left.pop() ?? top++;
        index[place] = row + 1;
        isUsed[row] = 1;
        size++;
      }
      const base = row * columns;
      // Most are set anew as they were: what is not written need not leave the processor's cache.
      for (let i = 0; i < columns; i++) if (cells[base + i] !== values[i]) cells[base + i] = values[i]!;
      return row;
    },
    remove(row) {
      if (isUsed[row] !== 1) return;
      const values = cells.subarray(row * columns, (row + 1) * columns);
      close(placeOf(values));
      isUsed[row] = 0;
      left.push(row);
      size--;
    },
    at: (row, column) => cells[row * columns + column]!,
    read(row, into) {
      for (let i = 0; i < columns; i++) into[i] = cells[row * columns + i]!;
    },
    has: (row) => isUsed[row] === 1,
    *[Symbol.iterator]() {
      for (let row = 0; row < top; row++) if (isUsed[row] === 1) yield row;
    },
  };
}
