/** docs/trace.md and `flowloom trace --help` name every word of a packet, and the page every option of the command. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KINDS, OPTIONS } from '../../src/trace/packet-words.ts';
import { flowloom } from '../cli/program.ts';

const page = readFileSync('docs/trace.md', 'utf8');

test('every word of a packet', async () => {
  const { code, stdout } = await flowloom(['trace', '--help'], '.');
  expect(code).toBe(0);
  const isSaid = (word: string) => new RegExp(`\`${word}[\` ]`).test(page);
  const words = [...Object.keys(KINDS), ...Object.keys(OPTIONS)];
  expect(words.filter((word) => !isSaid(word))).toEqual([]);
  expect(words.filter((word) => !new RegExp(`^ {2}${word} `, 'm').test(stdout))).toEqual([]);
  const options = [...stdout.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, option]) => option!);
  expect(options.length).toBeGreaterThan(8);
  expect(options.filter((option) => option !== '--help' && !page.includes(option))).toEqual([]);
});
