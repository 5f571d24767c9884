/** The user's file as YAML 1.2: plain values, and for each of them where it stands. */

import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import { labelOf, type Path, pointerOf } from './path.ts';
import type { Problem } from './problem.ts';

export interface Place {
  line: number;
  column: number;
}

export interface Placed {
  /** The key in its map; for a list's element and the root, the value itself. */
  key: Place;
  value: Place;
}

export interface YamlDocument {
  value: unknown;
  places: Map<string, Placed>;
  problems: { place: Place; message: string; fix: string }[];
}

/** Aliases can multiply a small file without end ("billion laughs"). */
const MAXIMUM_VALUES = 200_000;
const MAXIMUM_DEPTH = 200;

export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const result: YamlDocument = { value: undefined, places: new Map(), problems: [] };
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refuse = (offset: number, message: string, fix: string) =>
    result.problems.push({ place: placeAt(offset), message, fix });

  const deep = deepLine(text);
  if (deep !== undefined) {
    const place = { line: deep, column: 1 };
    result.problems.push({
      place,
      message: 'this line is nested too deeply',
      fix: `nest at most ${MAXIMUM_DEPTH} deep`,
    });
    return result;
  }
  const document = parseDocument<ParsedNode>(text, { lineCounter: lines, prettyErrors: false });
  for (const error of [...document.errors, ...document.warnings]) refuse(error.pos[0], ...explain(error));
  if (result.problems.length > 0) return result;

  let count = 0;
  const open = new Set<Node>();
  const walk = (node: ParsedNode | null, path: Path, keyAt: number | undefined): unknown => {
    const at = node?.range?.[0] ?? keyAt ?? 0;
    result.places.set(pointerOf(path), {
      key: placeAt(keyAt ?? at),
      value: placeAt(node === null ? (keyAt ?? at) : at),
    });
    if (++count > MAXIMUM_VALUES || path.length > MAXIMUM_DEPTH) {
      if (result.problems.length === 0) {
        refuse(at, 'the file unfolds into too many values', 'use fewer aliases, or nest less deeply');
      }
      return undefined;
    }
    if (node === null) return null;
    if (isAlias(node)) {
      const target = node.resolve(document) as ParsedNode | undefined;
      if (target === undefined || open.has(target)) {
        refuse(at, `*${node.source} refers to itself or to nothing`, 'write the value out');
        return undefined;
      }
      return walk(target, path, keyAt ?? at);
    }
    open.add(node);
    try {
      if (isSeq(node)) return node.items.map((item, i) => walk(item as ParsedNode | null, [...path, i], undefined));
      if (isMap(node)) {
        const value: Record<string, unknown> = {};
        for (const pair of node.items) {
          const key = pair.key as ParsedNode | null;
          const name = isScalar(key) ? String(key.value) : undefined;
          const offset = key?.range?.[0] ?? at;
          if (name === undefined) refuse(offset, 'this key is no plain word', 'write a name, without brackets');
          else if (name === '__proto__' || name === '<<') {
            refuse(offset, `\`${name}\` is no key of ${labelOf(path) || 'the file'}`, 'write the keys out one by one');
          } else if (Object.hasOwn(value, name)) {
            refuse(offset, `\`${name}\` stands twice in ${labelOf(path) || 'the file'}`, 'keep one of them');
          } else value[name] = walk(pair.value as ParsedNode | null, [...path, name], offset);
        }
        return value;
      }
      return isScalar(node) ? node.value : undefined;
    } finally {
      open.delete(node);
    }
  };
  result.value = walk(document.contents, [], undefined);
  return result;
}

/** The first line that nests deeper than is sound, found without the recursion of the parser (which would exhaust the stack). */
function deepLine(text: string): number | undefined {
  let flow = 0;
  let line = 1;
  let inLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '\n' || token === '\r\n') inLine = 0;
    else if (token === '[' || token === '{') flow++;
    else if (token === ']' || token === '}') flow = Math.max(flow - 1, 0);
    // Between brackets they alone nest: a map may have any number of keys there, on one line or many.
    else if (flow === 0 && (token === '-' || token === '?' || token === ':')) inLine++;
    else if (flow === 0 && inLine === 0 && /^ +$/.test(token)) inLine = token.length;
    if (flow + inLine > MAXIMUM_DEPTH) return line;
    for (const character of token) if (character === '\n') line++;
  }
  return undefined;
}

function explain(error: { code: string; message: string }): [message: string, fix: string] {
  const message = error.message.replace(/\s+/g, ' ').trim();
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return ['this key stands twice in one map', 'keep one of them'];
    case 'TAB_AS_INDENT':
      return ['a tab indents this line', 'indent with spaces'];
    case 'MULTIPLE_DOCS':
      return ['the file holds more than one document', 'remove everything from the second `---` on'];
    case 'TAG_RESOLVE_FAILED':
      return [`YAML: ${message}`, 'remove the tag'];
    default:
      return [`YAML: ${message}`, 'mend the syntax here or just above'];
  }
}

export function sourceOf(file: string, place: Place | undefined): Problem['source'] {
  return place === undefined ? file : `${file}:${place.line}`;
}
