/** What JSON.parse doesn't say of a line: where the first mistake stands, and which key stands twice in one object. */

export interface JsonFault {
  message: string;
  /** Characters in front of it. */
  offset: number;
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | 'end';

/** One for each open bracket: an object's keys so far, or undefined for a list. */
type Open = Set<string> | undefined;

/** The first fault of the text; undefined where it is sound JSON and every key stands once. */
export function jsonFault(text: string): JsonFault | undefined {
  const open: Open[] = [];
  let expected: Expected = 'value';
  for (let at = skipBlanks(text, 0); at < text.length; ) {
    const end = tokenEnd(text, at);
    const token = text.slice(at, end);
    const inside = open.length > 0;
    const keys = open.at(-1);
    const isValue = expected === 'value' || expected === 'value or ]';
    if (isValue && (token === '{' || token === '[')) {
      open.push(token === '{' ? new Set() : undefined);
      expected = token === '{' ? 'key or }' : 'value or ]';
    } else if (inside && closes(token, keys, expected)) {
      open.pop();
      expected = 'end';
    } else if (isValue && isScalar(token)) expected = 'end';
    else if ((expected === 'key' || expected === 'key or }') && token.startsWith('"') && isScalar(token)) {
      const key = JSON.parse(token) as string;
      if (keys?.has(key)) return { message: `the key ${token} stands twice`, offset: at };
      keys?.add(key);
      expected = ':';
    } else if (expected === ':' && token === ':') expected = 'value';
    else if (expected === 'end' && inside && token === ',') expected = keys === undefined ? 'value' : 'key';
    else return fault(text, at, expected, open);
    at = skipBlanks(text, end);
  }
  return expected === 'end' && open.length === 0 ? undefined : fault(text, text.length, expected, open);
}

function closes(token: string, keys: Open, expected: Expected): boolean {
  return keys === undefined
    ? token === ']' && (expected === 'end' || expected === 'value or ]')
    : token === '}' && (expected === 'end' || expected === 'key or }');
}

function isScalar(token: string): boolean {
  if ('{}[],:'.includes(token)) return false;
  try {
    JSON.parse(token);
    return true;
  } catch {
    return false;
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  return at;
}

/** A bracket, a comma, a colon, a whole string, or everything up to one of them. */
function tokenEnd(text: string, from: number): number {
  let at = from + 1;
  if ('{}[],:'.includes(text[from]!)) return at;
  if (text[from] === '"') {
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    return Math.min(at + 1, text.length);
  }
  while (at < text.length && !'{}[],:" \t\r\n'.includes(text[at]!)) at++;
  return at;
}

function fault(text: string, offset: number, expected: Expected, open: Open[]): JsonFault {
  const wants = expected === 'end' ? afterValue(open) : EXPECTED[expected];
  const found = offset < text.length ? `not ${text.slice(offset, offset + 12)}` : 'where it ends';
  return { message: `no JSON: ${wants} belongs in column ${offset + 1}, ${found}`, offset };
}

const EXPECTED = {
  value: 'a value',
  'value or ]': 'a value or ]',
  key: 'a key',
  'key or }': 'a key or }',
  ':': 'a colon',
};

function afterValue(open: Open[]): string {
  if (open.length === 0) return 'the end of the line (one message in each)';
  return open.at(-1) === undefined ? 'a comma or ]' : 'a comma or }';
}
