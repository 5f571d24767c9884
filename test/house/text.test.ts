/** What every file of the project holds to: it starts by saying what it is, and names nothing of the machine it was written on. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ourFiles, ROOT } from './import-graph.ts';

const BINARY = /\.(png|ico|woff2?|pcap|bin)$/;
const files = ourFiles().filter((file) => !BINARY.test(file));
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

// Written in pieces, so that this file does not name them.
const FORBIDDEN: readonly [what: string, pattern: RegExp][] = [
  ['a path of one machine', new RegExp(`(^|[^\\w.])/${'work'}/`)],
  ['a home directory', new RegExp(`/${'home'}/[a-z]`)],
  ['a registry', new RegExp(['registry\\.npm', 'js\\.org|npm', 'mirror|verd', 'accio|artif', 'actory'].join(''), 'i')],
  ['a lockfile that pins a host', /^\s*"resolved": "https?:/m],
  ['work left undone', new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|X{3})\\b`)],
];

test.for(FORBIDDEN)('no file names %s', ([, pattern]) => {
  expect(files.filter((file) => pattern.test(textOf(file)))).toEqual([]);
});

test('every source file starts with a line that says what it is', () => {
  const sources = files.filter((file) => /\.(ts|tsx|js|sh|css|yaml|yml)$|Dockerfile$/.test(file));
  const first = (file: string) =>
    textOf(file)
      .replace(/^#!.*\n/, '')
      .trimStart();
  expect(sources.filter((file) => !/^(\/\*|\/\/|#)/.test(first(file)))).toEqual([]);
});

test('nothing of the product writes to the console, skips the type checker or a test', () => {
  const product = files.filter((file) => /^(src|proto|apps)\/.*\.tsx?$/.test(file));
  const loose = new RegExp(`\\bconsole\\.|@ts-(ignore|nocheck)|\\bas ${'any'}\\b`);
  expect(product.filter((file) => loose.test(textOf(file)))).toEqual([]);
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  const skipped = new RegExp(`\\b(test|it|describe)\\.(${'sk'}ip|only|todo)\\b`);
  expect(tests.filter((file) => skipped.test(textOf(file)))).toEqual([]);
});
