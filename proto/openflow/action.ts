/** Actions (OpenFlow 1.4, 7.2.4), with those of Nicira's extension among them. */

import type { Codec, Infer, Variants } from '../wire/codec.ts';
import { lazy, structure } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { rest, u8, u16, u32 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { tagged, type Unknown } from '../wire/tagged.ts';
import { NICIRA } from './experimenter.ts';
import { type Clone, clone } from './nicira/clone.ts';
import { type Ct, ct } from './nicira/ct.ts';
import { learn } from './nicira/learn.ts';
import { nat } from './nicira/nat.ts';
import { regLoad, regMove } from './nicira/register.ts';
import { resubmit } from './nicira/resubmit.ts';
import { groupNumber, portNumber } from './ports.ts';
import { setField } from './set-field.ts';

const nothing = padding(4);

const standard = {
  output: [0, structure('ofp_action_output', struct({ port: portNumber, maxLen: u16, pad: padding(6) }, 'output'))],
  copyTtlOut: [11, structure('ofp_action_generic', struct({ pad: nothing }, 'copyTtlOut'))],
  copyTtlIn: [12, structure('ofp_action_generic', struct({ pad: nothing }, 'copyTtlIn'))],
  setMplsTtl: [15, structure('ofp_action_mpls_ttl', struct({ ttl: u8, pad: padding(3) }, 'setMplsTtl'))],
  decMplsTtl: [16, structure('ofp_action_generic', struct({ pad: nothing }, 'decMplsTtl'))],
  pushVlan: [17, structure('ofp_action_push', struct({ ethertype: u16, pad: padding(2) }, 'pushVlan'))],
  popVlan: [18, structure('ofp_action_generic', struct({ pad: nothing }, 'popVlan'))],
  pushMpls: [19, structure('ofp_action_push', struct({ ethertype: u16, pad: padding(2) }, 'pushMpls'))],
  popMpls: [20, structure('ofp_action_pop_mpls', struct({ ethertype: u16, pad: padding(2) }, 'popMpls'))],
  setQueue: [21, structure('ofp_action_set_queue', struct({ queueId: u32 }, 'setQueue'))],
  group: [22, structure('ofp_action_group', struct({ groupId: groupNumber }, 'group'))],
  setNwTtl: [23, structure('ofp_action_nw_ttl', struct({ ttl: u8, pad: padding(3) }, 'setNwTtl'))],
  decNwTtl: [24, structure('ofp_action_generic', struct({ pad: nothing }, 'decNwTtl'))],
  setField: [25, setField],
  pushPbb: [26, structure('ofp_action_push', struct({ ethertype: u16, pad: padding(2) }, 'pushPbb'))],
  popPbb: [27, structure('ofp_action_generic', struct({ pad: nothing }, 'popPbb'))],
  experimenter: [
    0xffff,
    structure('ofp_action_experimenter_header', struct({ experimenter: u32, body: rest }, 'experimenter')),
  ],
} as const;

export type Action =
  | { [K in keyof typeof standard]: Infer<(typeof standard)[K][1]> }[keyof typeof standard]
  | Infer<typeof regLoad>
  | Infer<typeof regMove>
  | Infer<typeof resubmit>
  | Infer<typeof learn>
  | Infer<typeof nat>
  | { type: 'ctClear' }
  | Ct<Action>
  | Clone<Action>
  | Unknown;

const self: Codec<Action> = lazy(() => action);

/** Nicira's actions by subtype (nicira-ext.h, enum nx_action_subtype). */
const nicira: Variants = {
  regMove: [6, regMove],
  regLoad: [7, regLoad],
  resubmit: [14, resubmit],
  learn: [16, learn],
  ct: [35, ct(self)],
  nat: [36, nat],
  clone: [42, clone(self)],
  ctClear: [43, struct({ pad: padding(6) }, 'ctClear')],
};

export const action: Codec<Action> = tagged<Variants>(standard, {
  padding: 'included',
  extensions: [{ experimenter: NICIRA, variants: nicira }],
});

export const actions = list(action);
