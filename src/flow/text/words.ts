/**
 * How ovs-ofctl divides its text (ofputil_parse_key_value): words between commas and white space, each alone, or with a
 * value after `=` or `:`, or in parentheses that may nest; `(…)->…` is one value too.
 */

import { fault } from './fault.ts';
import { isSpace, type Slice, textOf } from './slice.ts';

export interface Word {
  readonly key: Slice;
  /** The key's text. */
  readonly name: string;
  /** Empty where there is none. */
  readonly value: Slice;
  /** What stands between the key and the value: '' where there is no value. */
  readonly sign: '' | '=' | ':' | '(';
}

const COMMA = 44;

export function words(slice: Slice): Word[] {
  const found: Word[] = [];
  const { whole, end } = slice;
  let at = slice.start;
  for (;;) {
    while (at < end && isBreak(whole.charCodeAt(at))) at++;
    if (at === end) return found;
    const keyStart = at;
    while (at < end && !isBreak(whole.charCodeAt(at)) && !':=('.includes(whole[at]!)) at++;
    const key = { whole, start: keyStart, end: at };
    const name = textOf(key);
    const sign = at < end && ':=('.includes(whole[at]!) ? (whole[at] as ':' | '=' | '(') : '';
    if (sign === '') {
      found.push({ key, name, value: { whole, start: at, end: at }, sign });
      continue;
    }
    at++;
    const start = at;
    at = sign === '(' ? closing(whole, at, end) : valueEnd(whole, at, end);
    if (sign !== '(') {
      found.push({ key, name, value: { whole, start, end: at }, sign });
      continue;
    }
    if (at === end) throw fault({ whole, start: start - 1, end }, 'this parenthesis is never closed');
    if (whole.startsWith('->', at + 1) && at + 3 <= end) {
      at = valueEnd(whole, at + 1, end);
      found.push({ key, name, value: { whole, start, end: at }, sign });
      continue;
    }
    found.push({ key, name, value: { whole, start, end: at }, sign });
    at++;
  }
}

function isBreak(code: number): boolean {
  return code === COMMA || isSpace(code);
}

/** Where a value after `=` or `:` ends: what is in parentheses belongs to it. */
function valueEnd(whole: string, from: number, end: number): number {
  let at = from;
  while (at < end && !isBreak(whole.charCodeAt(at))) {
    if (whole[at] !== '(') {
      at++;
      continue;
    }
    const close = closing(whole, at + 1, end);
    if (close === end) throw fault({ whole, start: at, end }, 'this parenthesis is never closed');
    at = close + 1;
  }
  return at;
}

/** The parenthesis that closes the one before `from`; `end` where there is none. */
function closing(whole: string, from: number, end: number): number {
  let level = 1;
  for (let at = from; at < end; at++) {
    if (whole[at] === '(') level++;
    else if (whole[at] === ')') {
      level--;
      if (level === 0) return at;
    }
  }
  return end;
}
