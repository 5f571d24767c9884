/** What a switch is (OpenFlow 1.4, 7.3.5.1): its makers, for people. */

import { type Infer, structure } from '../wire/codec.ts';
import { text } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';

export const desc = structure(
  'ofp_desc',
  struct({
    mfrDesc: text(256),
    hwDesc: text(256),
    swDesc: text(256),
    serialNum: text(32),
    dpDesc: text(256),
  }),
);
export type Desc = Infer<typeof desc>;
