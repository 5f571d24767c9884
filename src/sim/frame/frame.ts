/** A packet's bytes on their way through a switch, and where its headers begin. */

import { u16 } from '../../packet/bytes.ts';

export interface Frame {
  bytes: Uint8Array;
  /** Somebody else holds the same bytes: they are copied before the first change. */
  shared: boolean;
  /** packet_type (ovs-fields(7)): 0 begins with an Ethernet header; 0x10000 and an Ethernet type with what that says. */
  packetType: number;
  /** Behind the Ethernet type: of MPLS's label stack, or of what `l3` says. -1: the frame is too short for one. */
  l25: number;
  /** A label stack is at `l25`. */
  hasLabels: boolean;
  /** Behind the Ethernet type and the label stack; -1: the frame is too short for one. */
  l3: number;
  /** Of what IP carries; -1 where there is none. */
  l4: number;
  /** Where IP's datagram ends: behind it there may be padding. */
  end: number;
}

export function frameOf(bytes: Uint8Array): Frame {
  return { bytes, shared: true, packetType: 0, l25: -1, hasLabels: false, l3: -1, l4: -1, end: bytes.length };
}

/** Another packet with the same bytes, until one of both is changed. */
export function shareFrame(frame: Frame): Frame {
  frame.shared = true;
  return { ...frame };
}

/** Before bytes are changed. */
export function own(frame: Frame): Uint8Array {
  if (frame.shared) {
    // Out of Node's pool: several times as quick as an array of its own.
    const copy = Buffer.allocUnsafe(frame.bytes.length);
    copy.set(frame.bytes);
    frame.bytes = copy;
    frame.shared = false;
  }
  return frame.bytes;
}

/**
 * Takes `removed` bytes out at `at`, before IP, and makes room for `added`, which are zero. What IP carries moves along;
 * where the label stack begins is the caller's to say.
 */
export function splice(frame: Frame, at: number, removed: number, added: number): Uint8Array {
  const { bytes } = frame;
  const by = added - removed;
  const changed = new Uint8Array(bytes.length + by);
  changed.set(bytes.subarray(0, at));
  changed.set(bytes.subarray(at + removed), at + added);
  frame.bytes = changed;
  frame.shared = false;
  if (frame.l3 >= 0) frame.l3 += by;
  if (frame.l4 >= 0) frame.l4 += by;
  frame.end += by;
  return changed;
}

/** How long the header is that the packet begins with: Ethernet's without tags, NSH's, one label. */
export function outermostHeader({ bytes, packetType }: Frame): number {
  if (packetType === 0) return 14;
  return (packetType & 0xffff) === NSH ? (u16(bytes, 0) & 0x3f) * 4 : 4;
}

const NSH = 0x894f;
