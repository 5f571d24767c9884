/**
 * Changes of flows and groups in two steps, by themselves or together in a bundle: begun, then finished or reverted.
 */

import { decodeMessage, type Message, type MessageOf } from '../../../proto/openflow/message.ts';
import { checkGroupMod, type GroupChange } from '../group-table.ts';
import type { Refusal } from '../switch-state.ts';
import type { FlowChange, PreparedFlowMod } from '../table/flow-tables.ts';
import { checkGroupBytes } from './check/buckets.ts';
import { BAD_REQUEST } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { prepareFlowMod } from './flow-mod.ts';
import { type Link, refuse } from './link.ts';
import { type PreparedPacketOut, preparePacketOut, sendPacketOut } from './packet-out.ts';
import { applyPortMod, type PreparedPortMod, preparePortMod } from './port-mod.ts';
import { forwardRequest } from './request-forward.ts';

/** A message whose own soundness has been looked at. */
export type Prepared =
  | { type: 'flowMod'; mod: PreparedFlowMod; bytes: Uint8Array; xid: number }
  | { type: 'groupMod'; mod: MessageOf<'groupMod'>; bytes: Uint8Array; xid: number }
  | { type: 'portMod'; mod: PreparedPortMod; bytes: Uint8Array; xid: number }
  | { type: 'packetOut'; out: PreparedPacketOut; bytes: Uint8Array; xid: number };

/** What has been begun. */
export interface Begun {
  prepared: Prepared;
  flows: readonly FlowChange[];
  groups: readonly GroupChange[];
}

/** Whose message it is: what is told of the change says so. */
export interface Requester {
  link: Link;
  xid: number;
}

const FLOW_MOD = 14;
const GROUP_MOD = 15;
const PORT_MOD = 16;
const PACKET_OUT = 13;

export function isModification(type: number): boolean {
  return type === FLOW_MOD || type === GROUP_MOD || type === PORT_MOD || type === PACKET_OUT;
}

/** `bytes`: the whole message, whose header is sound. */
export function prepare(core: SwitchCore, bytes: Uint8Array, xid: number): Prepared | Refusal {
  switch (bytes[1]) {
    case FLOW_MOD: {
      const mod = prepareFlowMod(core, bytes);
      return 'errorType' in mod ? mod : { type: 'flowMod', mod, bytes, xid };
    }
    case GROUP_MOD: {
      const refused = checkGroupBytes(bytes, core.actions);
      if (refused !== undefined) return refused;
      const mod = decoded(bytes, 'groupMod') as MessageOf<'groupMod'> | undefined;
      if (mod === undefined) return BAD_REQUEST.badLen;
      const wrong = checkGroupMod(mod);
      return wrong ?? { type: 'groupMod', mod, bytes, xid };
    }
    case PORT_MOD: {
      const mod = preparePortMod(bytes);
      return 'errorType' in mod ? mod : { type: 'portMod', mod, bytes, xid };
    }
    default: {
      const out = preparePacketOut(core, bytes);
      return 'errorType' in out ? out : { type: 'packetOut', out, bytes, xid };
    }
  }
}

function decoded(bytes: Uint8Array, type: Message['type']): Message | undefined {
  try {
    const message = decodeMessage(bytes);
    return message.type === type ? message : undefined;
  } catch {
    return undefined;
  }
}

const NO_FLOWS: readonly FlowChange[] = [];
const NO_GROUPS: readonly GroupChange[] = [];

export function begin(core: SwitchCore, prepared: Prepared, link: Link): Begun | Refusal {
  switch (prepared.type) {
    case 'flowMod': {
      const flows = core.tables.begin(prepared.mod);
      return 'errorType' in flows ? flows : { prepared, flows, groups: NO_GROUPS };
    }
    case 'groupMod':
      return beginGroupMod(core, prepared);
    case 'portMod': {
      const refused = applyPortMod(core, prepared.mod, link);
      return refused ?? { prepared, flows: NO_FLOWS, groups: NO_GROUPS };
    }
    case 'packetOut':
      return prepared.out.check() ?? { prepared, flows: NO_FLOWS, groups: NO_GROUPS };
  }
}

/** With a group its flows go. */
function beginGroupMod(core: SwitchCore, prepared: Prepared & { type: 'groupMod' }): Begun | Refusal {
  const groups = core.groups.begin(prepared.mod);
  if ('errorType' in groups) return groups;
  const gone = groups.filter(({ after }) => after === undefined);
  const users = new Set(gone.flatMap(({ groupId }) => core.tables.groupUsers(groupId)));
  const flows = users.size === 0 ? NO_FLOWS : core.tables.beginRemove([...users], 'groupDelete');
  return { prepared, flows, groups };
}

export function revert(core: SwitchCore, { flows, groups }: Begun): void {
  core.tables.revert(flows);
  core.groups.revert(groups);
}

export function finish(core: SwitchCore, { prepared, flows }: Begun, link: Link): void {
  const requester: Requester = { link, xid: prepared.xid };
  if (flows.length > 0) core.tables.finish(flows, requester);
  if (prepared.type === 'groupMod') forwardRequest(core, 'groupMod', prepared.bytes, link);
  if (prepared.type !== 'packetOut') return;
  const refusal = sendPacketOut(core, prepared.out);
  if (refusal !== undefined) refuse(link, prepared.bytes, refusal);
}
