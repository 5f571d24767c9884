/** Source text of one generated function: its lines, the constants that it closes over, names of its variables. */

export interface FunctionSource {
  readonly lines: string[];
  /** The name by which the code knows `value`. */
  constant(value: unknown): string;
  /** A variable's name that no other has. */
  fresh(letter: string): string;
  /** The function whose parameters are these and whose body is `lines`. */
  build(name: string, parameters: readonly string[]): (...args: never[]) => unknown;
}

export function createFunctionSource(): FunctionSource {
  const lines: string[] = [];
  const names = new Map<unknown, string>();
  let variables = 0;
  return {
    lines,
    constant(value) {
      const known = names.get(value);
      if (known !== undefined) return known;
      const name = `C${names.size}`;
      names.set(value, name);
      return name;
    },
    fresh: (letter) => `${letter}${variables++}`,
    build(name, parameters) {
      const body = `'use strict'; return function ${name}(${parameters.join(', ')}) {\n${lines.join('\n')}\n};`;
      const make = new Function(...names.values(), body) as (...values: unknown[]) => () => unknown;
      return make(...names.keys());
    },
  };
}

/** Text of a string or number in source code. */
export const literal = (value: string | number): string => JSON.stringify(value);

/** A stretch of bytes of known size: one check of the bounds, then constant offsets from `p`. */
export interface Run {
  /** Where `size` bytes of it are, as an expression. */
  take(size: number): string;
  /** Ends it: `p` stands behind it. */
  flush(): void;
  /** Which stretch this is, and how far in it the next byte is: two places in the same one are a known distance apart. */
  place(): { stretch: number; offset: number };
}

/** `check` is the line that stands in front of a stretch of `size` bytes. */
export function createRun(lines: string[], check: (size: number) => string): Run {
  let slot = -1;
  let size = 0;
  let stretch = 0;
  return {
    take(bytes) {
      if (slot < 0) slot = lines.push('') - 1;
      const at = size === 0 ? 'p' : `p + ${size}`;
      size += bytes;
      return at;
    },
    flush() {
      stretch++;
      if (slot < 0) return;
      if (size > 0) {
        lines[slot] = check(size);
        lines.push(`p += ${size};`);
      }
      slot = -1;
      size = 0;
    },
    place: () => ({ stretch, offset: size }),
  };
}
