/** A controller's place at the switch, Nicira's way (nicira-ext.h): its id, its role, and which messages it wants. */

import { structure } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { u16, u32 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { FLOW_REMOVED_REASONS, PACKET_IN_REASONS, PORT_REASONS, reasonMask } from '../reasons.ts';

/** Which of a switch's connections `controller` actions with this id mean. */
export const setControllerId = structure(
  'nx_controller_id',
  struct({ pad: padding(6), controllerId: u16 }, 'setControllerId'),
);

const role = enumeration(u32, { other: 0, master: 1, slave: 2 });

export const niciraRoleRequest = structure('nx_role_request', struct({ role }, 'niciraRoleRequest'));
export const niciraRoleReply = structure('nx_role_request', struct({ role }, 'niciraRoleReply'));

/** By the reason of each message; the first mask for a master or other, the second for a slave. */
export const niciraSetAsyncConfig = structure(
  'nx_async_config',
  struct(
    {
      packetInMaster: reasonMask(PACKET_IN_REASONS),
      packetInSlave: reasonMask(PACKET_IN_REASONS),
      portStatusMaster: reasonMask(PORT_REASONS),
      portStatusSlave: reasonMask(PORT_REASONS),
      flowRemovedMaster: reasonMask(FLOW_REMOVED_REASONS),
      flowRemovedSlave: reasonMask(FLOW_REMOVED_REASONS),
    },
    'niciraSetAsyncConfig',
  ),
);
