/** What does not compile in an app's match: held by `tsc`, which `npm test` runs over this file. */

import { expectTypeOf, test } from 'vitest';
import type { AppMatch } from '../../src/index.ts';

test("a field's value has the field's own type", () => {
  expectTypeOf<{ tcpDst: number }>().toExtend<AppMatch>();
  expectTypeOf<{ tcpDst: string }>().not.toExtend<AppMatch>();
  expectTypeOf<{ ethDst: string }>().toExtend<AppMatch>();
  expectTypeOf<{ metadata: number }>().not.toExtend<AppMatch>();
  expectTypeOf<{ outPort: number }>().toExtend<AppMatch>();
});

test('a mask stands only on a field that can be masked', () => {
  expectTypeOf<{ ipv4Src: { value: string; mask: string } }>().toExtend<AppMatch>();
  expectTypeOf<{ ethType: { value: number; mask: number } }>().not.toExtend<AppMatch>();
  expectTypeOf<{ ipProto: { value: number; mask: number } }>().not.toExtend<AppMatch>();
});
