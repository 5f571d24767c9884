/** Lists of properties (OpenFlow 1.4, 7.2.8 and wherever a structure ends with them): type, length, body, padding to 8. */

import { structure, type Variants } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { rest, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';

const experimenter = struct({ experimenter: u32, experimenterType: u32, data: rest }, 'experimenter');

/** `variants` and, as in every such list, the experimenter's property; `name` is what the specification calls that one. */
export function properties<const V extends Variants>(variants: V, name: string) {
  return list(
    tagged({ ...variants, experimenter: [0xffff, structure(name, experimenter)] as const }, { padding: 'excluded' }),
  );
}
