/** OFPT_PACKET_OUT (OpenFlow 1.4, 7.3.6). */

import type { Action } from '../../../proto/openflow/action.ts';
import { decodeMessage } from '../../../proto/openflow/message.ts';
import type { PacketOut } from '../../../proto/openflow/packet-out.ts';
import { NO_BUFFER, RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { u16, u32 } from '../../packet/bytes.ts';
import { extractKey } from '../frame/extract.ts';
import { frameOf } from '../frame/frame.ts';
import { countTags } from '../frame/vlan.ts';
import { emptyKey } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import { isRefusal } from '../pipeline/compile-refusal.ts';
import type { Step } from '../pipeline/program.ts';
import { compileActions } from '../pipeline/step-of.ts';
import type { Refusal } from '../switch-state.ts';
import { groupsIn } from '../table/references.ts';
import { checkActions } from './check/consistency.ts';
import type { MatchView } from './check/match.ts';
import { BAD_ACTION, BAD_REQUEST } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { isNoPort } from './flow-mod.ts';

export interface PreparedPacketOut {
  inPort: number;
  frame: Uint8Array;
  steps: readonly Step[];
  /** What must be there when it is sent. */
  check(): Refusal | undefined;
}

const HEAD = 24;
const LEAST_FRAME = 14;
/** Where a packet may come from that comes from no port. */
const SOURCES: readonly number[] = [RESERVED_PORTS.controller, RESERVED_PORTS.local, RESERVED_PORTS.any];

export function preparePacketOut(core: SwitchCore, bytes: Uint8Array): PreparedPacketOut | Refusal {
  const inPort = u32(bytes, 12);
  if (isNoPort(inPort)) return BAD_ACTION.badOutPort;
  const actionsEnd = HEAD + u16(bytes, 16);
  if (actionsEnd > bytes.length || actionsEnd % 8 !== 0) return BAD_REQUEST.badLen;
  const refused = core.actions(bytes, HEAD, actionsEnd);
  if (refused !== undefined) return refused;
  if (inPort >= 0xff00 && !SOURCES.includes(inPort)) return BAD_REQUEST.badPort;
  const message = decodedPacketOut(bytes);
  if (message === undefined) return BAD_REQUEST.badLen;
  // Views of the message, which may lie in a buffer that is used again.
  const frame = message.data.slice();
  const actions = message.actions as readonly Action[];
  const wrong = checkActions(actions, viewOf(frame, core.vlanLimit));
  if (wrong !== undefined) return wrong;
  if (message.bufferId !== NO_BUFFER) return BAD_REQUEST.bufferUnknown;
  const steps = compileActions(actions, core.fields);
  if (isRefusal(steps)) return steps;
  const groups = groupsIn([{ type: 'applyActions', actions }]);
  const check = () => (groups.some((group) => !core.groups.all.has(group)) ? BAD_ACTION.badOutGroup : undefined);
  return { inPort, frame, steps, check };
}

/** A packet that its own way drops is told as Open vSwitch tells it: as a flow-mod that failed. */
export function sendPacketOut(core: SwitchCore, { inPort, frame, steps }: PreparedPacketOut): Refusal | undefined {
  const why = frame.length < LEAST_FRAME ? undefined : core.pipeline.packetOut(inPort, frame, steps);
  return why === undefined ? undefined : DROPPED;
}

const DROPPED: Refusal = Object.freeze({ errorType: 'flowModFailed', code: 'unknown' });

/** What actions may count on, as the packet itself says it. */
function viewOf(bytes: Uint8Array, vlanLimit: number): MatchView {
  const key = emptyKey();
  if (bytes.length >= LEAST_FRAME) extractKey(frameOf(bytes), key, vlanLimit);
  const tag = key[WORD.vlans]! & 0xffff;
  return {
    ethType: key[WORD.ethType]!,
    ipProto: key[WORD.nwProto]!,
    vlanVid: { value: tag & 0x1fff, mask: 0x1fff },
    icmpv6Type: key[WORD.tpSrc]!,
    tags: countTags(key),
  };
}

function decodedPacketOut(bytes: Uint8Array): PacketOut | undefined {
  try {
    const message = decodeMessage(bytes);
    return message.type === 'packetOut' ? (message as PacketOut) : undefined;
  } catch {
    return undefined;
  }
}
