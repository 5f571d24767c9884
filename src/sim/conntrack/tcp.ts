/**
 * Connections of TCP (RFC 9293): states, and windows of sequence numbers after G. van Rooij, "Real Stateful TCP Packet
 * Filtering in IP Filter", as pf and with it Open vSwitch's userspace datapath track them.
 */

import { u16, u32 } from '../../packet/bytes.ts';
import type { Connection } from './connection.ts';
import { WINDOW_SCALE, windowScaleOf } from './tcp-window-scale.ts';
import { TIMEOUT } from './timeouts.ts';
import { VERDICT, type Verdict } from './verdict.ts';

/** One side of a connection. */
export interface TcpPeer {
  /** One of TCP_STATE. */
  state: number;
  /** Its sequence numbers, unsigned: the highest that it sent, and the highest that it may send. */
  sequenceLow: number;
  sequenceHigh: number;
  /** The largest window it told of, before scaling. */
  maximumWindow: number;
  /** Bits of WINDOW_SCALE. */
  scale: number;
}

/** By their order: later states are larger. */
export const TCP_STATE = {
  closed: 0,
  listen: 1,
  synSent: 2,
  synReceived: 3,
  established: 4,
  closeWait: 5,
  finWait1: 6,
  closing: 7,
  lastAck: 8,
  finWait2: 9,
  timeWait: 10,
} as const;

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 } as const;
const { fin: FIN, syn: SYN, rst: RST, psh: PSH, ack: ACK, urg: URG } = TCP_FLAG;

/** How far acknowledgements and late packets may be off: a largest window, and some more. */
const SLACK = 0xffff + 1500;

/** No stack sends such a combination. */
function contradicts(flags: number): boolean {
  if ((flags & SYN) !== 0 ? (flags & (RST | FIN)) !== 0 : (flags & (ACK | RST)) === 0) return true;
  return (flags & ACK) === 0 && (flags & (FIN | PSH | URG)) !== 0;
}

/** A SYN begins a connection, and so does what may be the middle of one; SYN and ACK only answer. */
export function beginsTcp(frame: Uint8Array, l4: number): boolean {
  const flags = frame[l4 + 13]!;
  return !contradicts(flags) && (flags & (SYN | ACK)) !== (SYN | ACK);
}

/** Both sides after the first packet. The segment is at `l4` … `end`. */
export function newTcpPeers(frame: Uint8Array, l4: number, end: number): [TcpPeer, TcpPeer] {
  const flags = frame[l4 + 13]!;
  const sequence = u32(frame, l4 + 4);
  const syn = (flags & SYN) !== 0;
  const scale = syn ? windowScaleOf(frame, l4) : WINDOW_SCALE.unknown;
  const spent = payloadLength(frame, l4, end) + 1 + (syn ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  const sender = {
    state: TCP_STATE.synSent,
    sequenceLow: sequence,
    sequenceHigh: (sequence + spent) >>> 0,
    maximumWindow: Math.ceil(Math.max(u16(frame, l4 + 14), 1) / 2 ** (scale & WINDOW_SCALE.shift)),
    scale,
  };
  const receiver = {
    state: TCP_STATE.closed,
    sequenceLow: 0,
    sequenceHigh: 1,
    maximumWindow: 1,
    scale: syn ? 0 : WINDOW_SCALE.unknown,
  };
  return [sender, receiver];
}

function payloadLength(frame: Uint8Array, l4: number, end: number): number {
  return end - l4 - (frame[l4 + 12]! >>> 4) * 4;
}

/** Sequence numbers are compared around their circle. */
function atLeast(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/** A further segment, at `l4` … `end` of the frame. */
export function updateTcp(
  connection: Connection,
  [first, second]: readonly [TcpPeer, TcpPeer],
  reply: boolean,
  frame: Uint8Array,
  l4: number,
  end: number,
  now: number,
): Verdict {
  const sender = reply ? second : first;
  const receiver = reply ? first : second;
  const flags = frame[l4 + 13]!;
  if (contradicts(flags)) return VERDICT.invalid;

  if ((flags & (SYN | ACK)) === SYN) {
    if (receiver.state >= TCP_STATE.finWait2 && sender.state >= TCP_STATE.finWait2) {
      sender.state = TCP_STATE.closed;
      receiver.state = TCP_STATE.closed;
      return VERDICT.anew;
    }
    if (sender.state <= TCP_STATE.synSent) {
      sender.state = TCP_STATE.synSent;
      connection.expires = now + TIMEOUT.tcpFirstPacket;
      return VERDICT.stillNew;
    }
  }

  let senderShift = 0;
  let receiverShift = 0;
  if ((flags & SYN) === 0) {
    if ((sender.scale & receiver.scale & WINDOW_SCALE.told) !== 0) {
      senderShift = sender.scale & WINDOW_SCALE.shift;
      receiverShift = receiver.scale & WINDOW_SCALE.shift;
    } else if ((sender.scale & receiver.scale & WINDOW_SCALE.unknown) !== 0) {
      // Nobody saw what they agreed on: it may be the most.
      senderShift = WINDOW_SCALE.most;
      receiverShift = WINDOW_SCALE.most;
    }
  }

  const sequence = u32(frame, l4 + 4);
  let window = u16(frame, l4 + 14);
  const spent = ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  let last = (sequence + payloadLength(frame, l4, end) + spent) >>> 0;
  let checksSkew = true;
  if (sender.state < TCP_STATE.synSent) {
    // The first that this side sends.
    if ((flags & SYN) !== 0 && (receiver.scale & WINDOW_SCALE.told) !== 0) {
      sender.scale = windowScaleOf(frame, l4);
      if ((sender.scale & WINDOW_SCALE.told) !== 0) {
        senderShift = sender.scale & WINDOW_SCALE.shift;
        receiverShift = receiver.scale & WINDOW_SCALE.shift;
        window = Math.ceil(window / 2 ** senderShift);
      } else {
        // One side alone cannot scale.
        receiver.maximumWindow = (receiver.maximumWindow << (receiver.scale & WINDOW_SCALE.shift)) & 0xffff;
        receiver.scale = 0;
      }
    }
    sender.sequenceLow = sequence;
    sender.state = TCP_STATE.synSent;
    const reach = (last + Math.max(1, receiver.maximumWindow << receiverShift)) >>> 0;
    if (sender.sequenceHigh === 1 || atLeast(reach, sender.sequenceHigh)) {
      sender.sequenceHigh = reach;
      // It may have been picked up in its middle.
      checksSkew = false;
    }
    if (window > sender.maximumWindow) sender.maximumWindow = window;
  }

  let acknowledgement = u32(frame, l4 + 8);
  const resetWithoutNumber = acknowledgement === 0 && (flags & (ACK | RST)) === (ACK | RST);
  if ((flags & ACK) === 0 || resetWithoutNumber) acknowledgement = receiver.sequenceLow;
  let from = sequence;
  if (sequence === last) {
    // Without data its place matters little.
    from = sender.sequenceLow;
    last = from;
  }

  const skew = checksSkew ? (receiver.sequenceLow - acknowledgement) | 0 : 0;
  const inWindow =
    atLeast(sender.sequenceHigh, last) &&
    atLeast(from, sender.sequenceLow - (receiver.maximumWindow << receiverShift)) &&
    skew >= -SLACK &&
    skew <= SLACK << senderShift &&
    ((flags & RST) === 0 || nextTo(sequence, sender.sequenceLow));
  const opensOrCloses =
    receiver.state < TCP_STATE.synSent || receiver.state >= TCP_STATE.finWait2 || sender.state >= TCP_STATE.finWait2;
  const nearWindow =
    opensOrCloses && atLeast(sender.sequenceHigh + SLACK, last) && atLeast(from, sender.sequenceLow - SLACK);
  if (!inWindow && !nearWindow) return VERDICT.invalid;

  if (sender.maximumWindow < window) sender.maximumWindow = window;
  if (!atLeast(sender.sequenceLow, last)) sender.sequenceLow = last;
  const scaled = window << senderShift;
  if (atLeast(acknowledgement + scaled, receiver.sequenceHigh)) {
    receiver.sequenceHigh = (acknowledgement + Math.max(scaled, 1)) >>> 0;
  }
  if ((flags & FIN) !== 0 && sender.state < TCP_STATE.closing) sender.state = TCP_STATE.closing;
  if (inWindow && (flags & ACK) !== 0) {
    if (receiver.state === TCP_STATE.synSent) receiver.state = TCP_STATE.established;
    else if (receiver.state === TCP_STATE.closing) receiver.state = TCP_STATE.finWait2;
  }
  if ((flags & RST) !== 0) {
    sender.state = TCP_STATE.timeWait;
    receiver.state = TCP_STATE.timeWait;
  }
  // What is only near does not prolong a life: a flood of such could.
  if (inWindow) connection.expires = now + timeoutOf(sender.state, receiver.state);
  return VERDICT.valid;
}

/** A reset must be where the sender is, or one beside. */
function nextTo(sequence: number, low: number): boolean {
  const distance = (sequence - low) | 0;
  return distance >= -1 && distance <= 1;
}

function timeoutOf(one: number, other: number): number {
  const less = Math.min(one, other);
  if (less >= TCP_STATE.finWait2) return TIMEOUT.tcpClosed;
  if (less >= TCP_STATE.closing) return TIMEOUT.tcpFinWait;
  if (less < TCP_STATE.established) return TIMEOUT.tcpOpening;
  return Math.max(one, other) >= TCP_STATE.closing ? TIMEOUT.tcpClosing : TIMEOUT.tcpEstablished;
}
