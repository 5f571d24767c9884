/**
 * Nicira's messages (nicira-ext.h; numbers in ofp-msgs.h): OFPT_EXPERIMENTER with Nicira's number, by their type. Here is
 * every one that Open vSwitch takes or sends over OpenFlow 1.4. Those of earlier versions alone stay `experimenter`:
 * NXT_SET_FLOW_FORMAT (12), NXT_SET_ASYNC_CONFIG2 (27), NXT_GROUP_MOD (31); so do the multiparts NXST_FLOW,
 * NXST_AGGREGATE and NXST_FLOW_MONITOR, which OpenFlow 1.0 alone has: over 1.4 there are OFPMP_FLOW and its like. The
 * ONF's messages in Open vSwitch (bundles, role status, flow monitor) are what 1.3 has in the place of 1.4's own.
 */

import type { Infer } from '../../wire/codec.ts';
import { niciraRoleReply, niciraRoleRequest, niciraSetAsyncConfig, setControllerId } from './controller.ts';
import { ctFlush, ctFlushZone } from './ct-flush.ts';
import { flowAge, flowModTableId, niciraFlowMod, niciraFlowRemoved } from './flow-mod.ts';
import { flowMonitorCancel, flowMonitorPaused, flowMonitorResumed } from './flow-monitor.ts';
import { niciraPacketIn, packetIn2, resume, setPacketInFormat } from './packet-in.ts';
import { tlvTableMod, tlvTableReply, tlvTableRequest } from './tlv-table.ts';

/** name → [type, codec of what follows it] */
export const NICIRA_MESSAGES = {
  niciraRoleRequest: [10, niciraRoleRequest],
  niciraRoleReply: [11, niciraRoleReply],
  niciraFlowMod: [13, niciraFlowMod],
  niciraFlowRemoved: [14, niciraFlowRemoved],
  flowModTableId: [15, flowModTableId],
  setPacketInFormat: [16, setPacketInFormat],
  niciraPacketIn: [17, niciraPacketIn],
  flowAge: [18, flowAge],
  niciraSetAsyncConfig: [19, niciraSetAsyncConfig],
  setControllerId: [20, setControllerId],
  flowMonitorCancel: [21, flowMonitorCancel],
  flowMonitorPaused: [22, flowMonitorPaused],
  flowMonitorResumed: [23, flowMonitorResumed],
  tlvTableMod: [24, tlvTableMod],
  tlvTableRequest: [25, tlvTableRequest],
  tlvTableReply: [26, tlvTableReply],
  resume: [28, resume],
  ctFlushZone: [29, ctFlushZone],
  packetIn2: [30, packetIn2],
  ctFlush: [32, ctFlush],
} as const;

export type NiciraMessage = {
  [K in keyof typeof NICIRA_MESSAGES]: Infer<(typeof NICIRA_MESSAGES)[K][1]>;
}[keyof typeof NICIRA_MESSAGES];
