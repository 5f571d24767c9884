/** Lists of properties (OpenFlow 1.4, 7.2.1.2 and wherever a structure ends with them): type, length, body, padding to 8. */

import { structure, type Variants } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { rest, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';

/** The property in which an experimenter says what it likes. */
export function experimenterProperty<const T extends string>(name: `${string}_experimenter`, type: T) {
  return structure(name, struct({ experimenter: u32, experimenterType: u32, data: rest }, type));
}

/**
 * `variants` and, as in every such list, the experimenter's property; `name` is what the specification calls that one,
 * and with `_header` at its end what it calls the type and length in front of each.
 */
export function properties<const V extends Variants>(variants: V, name: `${string}_experimenter`) {
  const all = { ...variants, experimenter: [0xffff, experimenterProperty(name, 'experimenter')] as const };
  return list(structure(name.replace(/experimenter$/, 'header'), tagged(all, { padding: 'excluded' })));
}
