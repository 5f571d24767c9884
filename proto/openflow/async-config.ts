/**
 * Asynchronous configuration (OpenFlow 1.4, 7.3.10): which asynchronous messages a controller gets, by the reason that
 * each has, as a slave and as master or equal. The experimenter's types are called OFPTFPT_EXPERIMENTER_… in the
 * specification, by mistake.
 */

import { type Infer, structure } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';
import { experimenterProperty } from './properties.ts';
import {
  FLOW_REMOVED_REASONS,
  PACKET_IN_REASONS,
  PORT_REASONS,
  REQUESTFORWARD_REASONS,
  ROLE_REASONS,
  reasonMask,
  TABLE_REASONS,
} from './reasons.ts';

function reasons<const T extends string, const N extends string>(type: T, names: Readonly<Record<N, number>>) {
  return structure('ofp_async_config_prop_reasons', struct({ mask: reasonMask(names) }, type));
}

function experimenter<const T extends string>(type: T) {
  return experimenterProperty('ofp_async_config_prop_experimenter', type);
}

const property = tagged(
  {
    packetInSlave: [0, reasons('packetInSlave', PACKET_IN_REASONS)],
    packetInMaster: [1, reasons('packetInMaster', PACKET_IN_REASONS)],
    portStatusSlave: [2, reasons('portStatusSlave', PORT_REASONS)],
    portStatusMaster: [3, reasons('portStatusMaster', PORT_REASONS)],
    flowRemovedSlave: [4, reasons('flowRemovedSlave', FLOW_REMOVED_REASONS)],
    flowRemovedMaster: [5, reasons('flowRemovedMaster', FLOW_REMOVED_REASONS)],
    roleStatusSlave: [6, reasons('roleStatusSlave', ROLE_REASONS)],
    roleStatusMaster: [7, reasons('roleStatusMaster', ROLE_REASONS)],
    tableStatusSlave: [8, reasons('tableStatusSlave', TABLE_REASONS)],
    tableStatusMaster: [9, reasons('tableStatusMaster', TABLE_REASONS)],
    requestForwardSlave: [10, reasons('requestForwardSlave', REQUESTFORWARD_REASONS)],
    requestForwardMaster: [11, reasons('requestForwardMaster', REQUESTFORWARD_REASONS)],
    experimenterSlave: [0xfffe, experimenter('experimenterSlave')],
    experimenterMaster: [0xffff, experimenter('experimenterMaster')],
  },
  { padding: 'excluded' },
);

const config = { properties: list(structure('ofp_async_config_prop_header', property)) } as const;

export const getAsyncRequest = struct({}, 'getAsyncRequest');
export const getAsyncReply = structure('ofp_async_config', struct(config, 'getAsyncReply'));
export const setAsync = structure('ofp_async_config', struct(config, 'setAsync'));
export type SetAsync = Infer<typeof setAsync>;
