/** docs/decode-encode.md shows what `flowloom decode` and `flowloom encode` really answer. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeLine } from '../../src/cli/decode.ts';
import { encodeLine } from '../../src/cli/encode.ts';

const text = readFileSync(new URL('../../docs/decode-encode.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/```console\n([\s\S]*?)```/g)].map((found) => found[1]!);
const examples = blocks.flatMap((block) => [
  ...block.matchAll(/^\$ echo (?:'(.*)'|(.*)) \| flowloom (decode|encode)\n(.*)\n/gm),
]);

test('every example is one that is checked here', () => {
  expect(examples).toHaveLength(blocks.join('').match(/^\$ /gm)!.length);
});

test.for(examples.map((found) => found.slice(1)))('%s%s', ([quoted, plain, command, answer]) => {
  const line = quoted ?? plain ?? '';
  expect(command === 'decode' ? decodeLine(line) : encodeLine(line)).toBe(answer);
});
