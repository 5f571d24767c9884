/** Actions (OpenFlow 1.4, 7.2.4), with those of Nicira's extension among them. */

import type { Codec, Infer, Variants } from '../wire/codec.ts';
import { lazy, structure } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { rest, u8, u16, u32 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { tagged, type Unknown } from '../wire/tagged.ts';
import { copyField } from './copy-field.ts';
import { NICIRA, ONF } from './experimenter.ts';
import { NICIRA_ACTIONS, type NiciraAction } from './nicira/action.ts';
import { type Clone, clone } from './nicira/clone.ts';
import { type Ct, ct } from './nicira/ct.ts';
import { OLDER_ACTIONS } from './older-action.ts';
import { groupNumber, portNumber } from './reserved-numbers.ts';
import { setField } from './set-field.ts';

const nothing = padding(4);

const standard = {
  ...OLDER_ACTIONS,
  output: [0, structure('ofp_action_output', struct({ port: portNumber, maxLen: u16, pad: padding(6) }, 'output'))],
  copyTtlOut: [11, structure('ofp_action_generic', struct({ pad: nothing }, 'copyTtlOut'))],
  copyTtlIn: [12, structure('ofp_action_generic', struct({ pad: nothing }, 'copyTtlIn'))],
  setMplsTtl: [15, structure('ofp_action_mpls_ttl', struct({ mplsTtl: u8, pad: padding(3) }, 'setMplsTtl'))],
  decMplsTtl: [16, structure('ofp_action_generic', struct({ pad: nothing }, 'decMplsTtl'))],
  pushVlan: [17, structure('ofp_action_push', struct({ ethertype: u16, pad: padding(2) }, 'pushVlan'))],
  popVlan: [18, structure('ofp_action_generic', struct({ pad: nothing }, 'popVlan'))],
  pushMpls: [19, structure('ofp_action_push', struct({ ethertype: u16, pad: padding(2) }, 'pushMpls'))],
  popMpls: [20, structure('ofp_action_pop_mpls', struct({ ethertype: u16, pad: padding(2) }, 'popMpls'))],
  setQueue: [21, structure('ofp_action_set_queue', struct({ queueId: u32 }, 'setQueue'))],
  group: [22, structure('ofp_action_group', struct({ groupId: groupNumber }, 'group'))],
  setNwTtl: [23, structure('ofp_action_nw_ttl', struct({ nwTtl: u8, pad: padding(3) }, 'setNwTtl'))],
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
  | NiciraAction
  | Ct<Action>
  | Clone<Action>
  | Infer<typeof copyField>
  | Unknown;

const self: Codec<Action> = lazy(() => action);

const nicira: Variants = { ...NICIRA_ACTIONS, ct: [35, ct(self)], clone: [42, clone(self)] };

/** A wrong mask of set-field, and actions of an extension that say what our tables don't have, are kept as they came. */
export const action: Codec<Action> = structure(
  'ofp_action_header',
  tagged<Variants>(standard, {
    padding: 'included',
    extensions: [
      { experimenter: NICIRA, variants: nicira },
      { experimenter: ONF, variants: { copyField: [3200, copyField] } },
    ],
  }),
);

export const actions = list(action);
