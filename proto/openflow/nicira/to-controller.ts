/**
 * NXAST_CONTROLLER and NXAST_CONTROLLER2: the packet goes to the controllers with an id (nicira-ext.h). Open vSwitch
 * sends the second where it must carry userdata, a meter or `pause`, and leaves out what is as usual: maxLen 65535,
 * id 0, reason applyAction.
 */

import { structure } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { list } from '../../wire/list.ts';
import { rest, u8, u16, u32 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { tagged } from '../../wire/tagged.ts';
import { PACKET_IN_REASONS } from '../reasons.ts';

const reason = enumeration(u8, PACKET_IN_REASONS);

export const controller = structure(
  'nx_action_controller',
  struct({ maxLen: u16, controllerId: u16, reason, pad: padding(1) }, 'controller'),
);

/** NXAC2PT_*. */
const properties = list(
  tagged(
    {
      maxLen: [0, struct({ maxLen: u16, pad: padding(2) }, 'maxLen')],
      controllerId: [1, struct({ controllerId: u16, pad: padding(2) }, 'controllerId')],
      reason: [2, struct({ reason }, 'reason')],
      /** Comes back in the packet-in. */
      userdata: [3, struct({ data: rest }, 'userdata')],
      /** The packet waits for NXT_RESUME. */
      pause: [4, struct({}, 'pause')],
      meterId: [5, struct({ meterId: u32 }, 'meterId')],
    },
    { padding: 'excluded' },
  ),
);

export const controller2 = structure('ext_action_header', struct({ pad: padding(6), properties }, 'controller2'));
