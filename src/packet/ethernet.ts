/** Ethernet frames, with 802.1Q and 802.1ad tags or without (IEEE 802.3, 802.1Q). */

import { macAt, putMac, putU16, u16 } from './bytes.ts';
import type { Fields } from './fields.ts';

export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  transparentBridging: 0x6558,
  ipv6: 0x86dd,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  serviceVlan: 0x88a8,
  lldp: 0x88cc,
} as const;
/** Below it, the two bytes are an 802.3 length, and an LLC header follows. */
export const LEAST_ETHER_TYPE = 0x600;
export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';

export interface VlanTag {
  /** 0x8100, or 0x88a8 for a service tag. */
  tpid: number;
  vid: number;
  priority: number;
  dropEligible: boolean;
}

export interface Ethernet {
  dst: string;
  src: string;
  /** The outermost tag. */
  vlan: VlanTag | undefined;
  /** Of what follows the outermost tag; values below 0x600 are 802.3 lengths. */
  ethType: number;
  payloadOffset: number;
}

export interface VlanTags {
  /** Outermost first. */
  vlans: VlanTag[];
  /** Of what follows the innermost tag. */
  ethType: number;
  payloadOffset: number;
}

/** All tags whose first byte would be at `offset`; what is cut is no tag, and its TPID the type. */
export function parseVlans(bytes: Uint8Array, offset = 12, end = bytes.length): VlanTags | undefined {
  if (offset < 0 || end > bytes.length || end - offset < 2) return undefined;
  const vlans: VlanTag[] = [];
  let at = offset;
  let ethType = u16(bytes, at);
  while (isVlan(ethType) && end - at >= 6) {
    vlans.push(vlanAt(bytes, at));
    at += 4;
    ethType = u16(bytes, at);
  }
  return { vlans, ethType, payloadOffset: at + 2 };
}

function isVlan(ethType: number): boolean {
  return ethType === ETHER_TYPE.vlan || ethType === ETHER_TYPE.serviceVlan;
}

function vlanAt(bytes: Uint8Array, at: number): VlanTag {
  const tci = u16(bytes, at + 2);
  return { tpid: u16(bytes, at), vid: tci & 0xfff, priority: tci >>> 13, dropEligible: (tci & 0x1000) !== 0 };
}

/** undefined where the bytes end before the header does. */
export function parseEthernet(frame: Uint8Array): Ethernet | undefined {
  if (frame.length < 14) return undefined;
  const header = { dst: macAt(frame, 0), src: macAt(frame, 6) };
  const type = u16(frame, 12);
  if (!isVlan(type)) return { ...header, vlan: undefined, ethType: type, payloadOffset: 14 };
  if (frame.length < 18) return undefined;
  return { ...header, vlan: vlanAt(frame, 12), ethType: u16(frame, 16), payloadOffset: 18 };
}

export interface EthernetFields {
  dst: string;
  src: string;
  /** The only tag. */
  vlan?: VlanTag | undefined;
  /** Several, outermost first, in place of `vlan`; the TPID is that of a service tag for all but the innermost. */
  vlans?: readonly Fields<VlanTag, 'vid'>[] | undefined;
  ethType: number;
}

/** A whole frame, without FCS and without padding. */
export function buildEthernet({ dst, src, vlan, vlans, ethType }: EthernetFields, payload: Uint8Array): Uint8Array {
  const tags = vlans ?? (vlan === undefined ? [] : [vlan]);
  const frame = new Uint8Array(14 + 4 * tags.length + payload.length);
  putMac(frame, 0, dst);
  putMac(frame, 6, src);
  for (const [index, { tpid, vid, priority = 0, dropEligible = false }] of tags.entries()) {
    const usual = index === tags.length - 1 ? ETHER_TYPE.vlan : ETHER_TYPE.serviceVlan;
    putU16(frame, 12 + 4 * index, tpid ?? usual);
    putU16(frame, 14 + 4 * index, (priority << 13) | (dropEligible ? 0x1000 : 0) | vid);
  }
  const offset = frame.length - payload.length;
  putU16(frame, offset - 2, ethType);
  frame.set(payload, offset);
  return frame;
}
