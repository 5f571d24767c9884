/** Ethernet II frames, with an 802.1Q or 802.1ad tag or without (IEEE 802.3, 802.1Q). */

import { macAt, putMac, putU16, u16 } from './bytes.ts';

export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  lldp: 0x88cc,
} as const;
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

/** undefined where the bytes end before the header does. */
export function parseEthernet(frame: Uint8Array): Ethernet | undefined {
  if (frame.length < 14) return undefined;
  const header = { dst: macAt(frame, 0), src: macAt(frame, 6) };
  const type = u16(frame, 12);
  if (type !== ETHER_TYPE.vlan && type !== ETHER_TYPE.serviceVlan) {
    return { ...header, vlan: undefined, ethType: type, payloadOffset: 14 };
  }
  if (frame.length < 18) return undefined;
  const tci = u16(frame, 14);
  const vlan = { tpid: type, vid: tci & 0xfff, priority: tci >>> 13, dropEligible: (tci & 0x1000) !== 0 };
  return { ...header, vlan, ethType: u16(frame, 16), payloadOffset: 18 };
}

export interface EthernetFields {
  dst: string;
  src: string;
  vlan?: VlanTag | undefined;
  ethType: number;
}

/** A whole frame, without FCS and without padding. */
export function buildEthernet({ dst, src, vlan, ethType }: EthernetFields, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array((vlan === undefined ? 14 : 18) + payload.length);
  putMac(frame, 0, dst);
  putMac(frame, 6, src);
  if (vlan !== undefined) {
    putU16(frame, 12, vlan.tpid);
    putU16(frame, 14, (vlan.priority << 13) | (vlan.dropEligible ? 0x1000 : 0) | vlan.vid);
  }
  const offset = frame.length - payload.length;
  putU16(frame, offset - 2, ethType);
  frame.set(payload, offset);
  return frame;
}
