/** Datapath actions on a packet's bytes, as Open vSwitch's userspace datapath carries them out (odp-execute, dpif-netdev). */

import type { Match } from '../../../proto/openflow/match.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { TrackedPacket } from '../conntrack/packet.ts';
import { applyKey } from '../frame/apply-key.ts';
import { type Frame, outermostHeader, own, shareFrame, splice } from '../frame/frame.ts';
import type { Key } from '../key/key.ts';
import type { SwitchState } from '../switch-state.ts';
import type { DatapathAction } from './datapath-action.ts';
import type { Packet } from './packet.ts';
import { connectionHash } from './select-bucket.ts';
import type { Frozen } from './translation.ts';
import type { Watcher } from './watcher.ts';

/** As conntrack has it in hand, and perhaps keeps it for a while. */
export interface PacketInConntrack extends TrackedPacket {
  packet: Packet;
}

export interface Execution {
  readonly state: SwitchState;
  readonly conntrack: Conntrack<PacketInConntrack>;
  readonly watcher: Watcher | undefined;
  /** Finds the headers anew, as is done with every packet that goes up: of two tags the inner one is none of them then. */
  reread(frame: Frame, key?: Key): void;
  /** The packet begins another pass. It is the callee's from then on. */
  again(packet: Packet, frozen: Frozen): void;
}

/** From the action `at` on. What changes the packet's bytes does so for all actions behind it. */
export function execute(execution: Execution, packet: Packet, actions: readonly DatapathAction[], at = 0): void {
  for (let i = at; i < actions.length; i++) {
    const action = actions[i]!;
    switch (action.type) {
      case 'apply':
        applyKey(packet.frame, packet.base, action.key);
        // What it says now may be another connection.
        if (packet.ct?.cached !== undefined) packet.ct = { ...packet.ct, cached: undefined };
        break;
      case 'truncate':
        packet.cut = Math.max(0, packet.frame.bytes.length - action.maxLen);
        break;
      case 'output':
        transmit(execution, packet, action);
        break;
      case 'ct':
        if (track(execution, packet, actions, i)) return;
        break;
      case 'ctClear':
        packet.ct = undefined;
        break;
      case 'hash':
        packet.hash = connectionHash(packet.base) || 1;
        break;
      case 'recirculate':
        execution.again({ ...packet, frame: shareFrame(packet.frame), cut: 0 }, action.frozen);
        break;
      case 'meter':
        if (!execution.state.meter(action.meterId, packet.frame.bytes.length)) {
          execution.watcher?.note(`meter ${action.meterId} drops the packet`);
          return;
        }
        break;
      case 'controller': {
        execution.reread(packet.frame);
        const frame = shareFrame(packet.frame).bytes;
        const continuation = action.resume === undefined ? undefined : { frozen: action.resume, ct: packet.ct };
        execution.watcher?.controller(action.packet.reason, action.packet.tableId);
        const { match } = action.packet;
        execution.state.punt({
          ...action.packet,
          // A ct_clear in a clone has cleared the packet's own state, whatever the translation took back.
          match: packet.ct === undefined && match.ctState !== undefined ? withoutConnection(match) : match,
          frame,
          continuation,
        });
        break;
      }
      case 'encap':
        splice(packet.frame, 0, 0, action.header.length).set(action.header);
        packet.frame.packetType = action.packetType;
        execution.reread(packet.frame, packet.base);
        break;
      case 'decap':
        splice(packet.frame, 0, outermostHeader(packet.frame), 0);
        packet.frame.packetType = action.packetType;
        execution.reread(packet.frame, packet.base);
        break;
      case 'clone':
        execute(execution, copyOf(packet), action.actions);
        break;
    }
  }
}

function withoutConnection(match: Match): Match {
  const rest = Object.entries(match).filter(([field]) => !field.startsWith('ct') && field !== 'ethType');
  return Object.fromEntries(rest) as Match;
}

function copyOf({ frame, base, ethType, ct, hash }: Packet): Packet {
  return { frame: shareFrame(frame), base: base.slice(), ethType, ct, cut: 0, hash };
}

/** An Ethernet header. */
const SHORTEST = 14;

function transmit(
  { state, watcher }: Execution,
  packet: Packet,
  { port, tunnel }: Extract<DatapathAction, { type: 'output' }>,
): void {
  const { bytes } = shareFrame(packet.frame);
  if (packet.cut > bytes.length - SHORTEST) {
    packet.cut = 0;
    watcher?.note('what is left of the packet is no frame: it is not sent');
    return;
  }
  const sent = packet.cut === 0 ? bytes : bytes.subarray(0, bytes.length - packet.cut);
  packet.cut = 0;
  watcher?.output(port, sent);
  state.transmit(port, sent, tunnel);
}

const NO_BYTES = new Uint8Array(0);

/** True: others go on in the packet's stead, or none: a fragment waits for the rest of its datagram. */
function track(execution: Execution, packet: Packet, actions: readonly DatapathAction[], at: number): boolean {
  const action = actions[at]!;
  if (action.type !== 'ct') return false;
  const { conntrack, state, watcher } = execution;
  const { frame, base } = packet;
  const before = watcher === undefined ? NO_BYTES : frame.bytes.slice();
  const bytes = action.request.nat === undefined ? frame.bytes : own(frame);
  const tracked: PacketInConntrack = {
    frame: bytes,
    l3: frame.l3,
    ethType: packet.ethType,
    ct: packet.ct,
    packet,
  };
  const passed = conntrack.track(tracked, action.request, state.now());
  const isAlone = passed.length === 1 && passed[0] === tracked;
  if (isAlone) packet.ct = tracked.ct;
  watcher?.tracked(packet.ct?.state ?? 0, action.request.zone, before, tracked.frame);
  if (isAlone) return false;
  // One that is held outlives the pass whose keys it has.
  if (!passed.includes(tracked)) packet.base = base.slice();
  for (const each of passed) {
    const released = each.packet;
    released.frame.bytes = each.frame;
    released.ct = each.ct;
    execute(execution, released, actions, at + 1);
  }
  return true;
}
