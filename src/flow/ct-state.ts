/** Conntrack's state bits as ovs-ofctl writes them (ovs-fields(7), ct_state). */

import type { Masked } from '../../proto/openflow/oxm-fields.ts';
import { FlowError } from './flow-error.ts';

/** From bit 0. */
export const CT_STATE_BITS = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'] as const;

/** `+trk-inv` as ovs-ofctl writes it: bits that must be set and bits that must not. */
export function ctState(text: string): Masked<number> {
  let value = 0;
  let mask = 0;
  for (const [, sign, name] of text.matchAll(/([+-])([a-z]+)/g)) {
    const bit = (CT_STATE_BITS as readonly string[]).indexOf(name ?? '');
    if (bit < 0) throw new FlowError(`"${name}" in "${text}" is none of ${CT_STATE_BITS.join(', ')}`);
    mask |= 1 << bit;
    if (sign === '+') value |= 1 << bit;
  }
  return { value, mask };
}
