/** FNV-1a against its published vectors (draft-eastlake-fnv, appendix C). */

import { expect, test } from 'vitest';
import { fnv1a32, fnv1a64 } from '../../src/config/hash.ts';

test('FNV-1a', () => {
  expect(['', 'a', 'foobar'].map(fnv1a32)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  expect(['', 'a', 'foobar'].map(fnv1a64)).toEqual([0xcbf29ce484222325n, 0xaf63dc4c8601ec8cn, 0x85944171f73967e8n]);
});
