/** Conntrack's state bits as ovs-ofctl writes them (ovs-fields(7), ct_state). */

import type { Masked } from '../../proto/openflow/oxm-fields.ts';
import { FlowError } from './flow-error.ts';
import { FLAG_FIELDS } from './text/flag-words.ts';

const NAMES: readonly string[] = FLAG_FIELDS.ctState.names;

/** `+trk-inv` as ovs-ofctl writes it: bits that must be set and bits that must not. */
export function ctState(text: string): Masked<number> {
  let value = 0;
  let mask = 0;
  for (const [, sign, name] of text.matchAll(/([+-])([a-z]+)/g)) {
    const bit = NAMES.indexOf(name ?? '');
    if (bit < 0) throw new FlowError(`"${name}" in "${text}" is none of ${NAMES.join(', ')}`);
    mask |= 1 << bit;
    if (sign === '+') value |= 1 << bit;
  }
  return { value, mask };
}
