/** A part of a flow's text that knows where it stands, so that an error deep inside parentheses names its column. */

export interface Slice {
  readonly whole: string;
  readonly start: number;
  readonly end: number;
}

export function sliceOf(text: string): Slice {
  return { whole: text, start: 0, end: text.length };
}

export function textOf({ whole, start, end }: Slice): string {
  return whole.slice(start, end);
}

/** From and to count from the slice's start. */
export function part(slice: Slice, from: number, to = slice.end - slice.start): Slice {
  return { whole: slice.whole, start: slice.start + from, end: slice.start + to };
}

export function trimmed(slice: Slice): Slice {
  let { start, end } = slice;
  while (start < end && isSpace(slice.whole.charCodeAt(start))) start++;
  while (end > start && isSpace(slice.whole.charCodeAt(end - 1))) end--;
  return { whole: slice.whole, start, end };
}

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

export function isEmpty({ start, end }: Slice): boolean {
  return start === end;
}

/** What stands on both sides of the first `->`; undefined where there is none. */
export function arrow(slice: Slice): [before: Slice, after: Slice] | undefined {
  const at = textOf(slice).indexOf('->');
  return at < 0 ? undefined : [part(slice, 0, at), part(slice, at + 2)];
}

/** Cuts at every one of the characters; what is empty between them stays. */
export function cut(slice: Slice, separators: string): Slice[] {
  const found: Slice[] = [];
  let from = slice.start;
  for (let i = slice.start; i <= slice.end; i++) {
    if (i < slice.end && !separators.includes(slice.whole[i]!)) continue;
    found.push({ whole: slice.whole, start: from, end: i });
    from = i + 1;
  }
  return found;
}
