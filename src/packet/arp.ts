/** ARP for IPv4 on Ethernet (RFC 826). */

import { holds, ipv4At, macAt, putIpv4, putMac, putU16, u16 } from './bytes.ts';
import { buildEthernet, ETHER_TYPE, type VlanTag } from './ethernet.ts';

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;
export const ARP_LENGTH = 28;

export interface Arp {
  operation: number;
  senderMac: string;
  senderAddress: string;
  targetMac: string;
  targetAddress: string;
}

/** undefined where it is short, or not IPv4 on Ethernet. */
export function parseArp(bytes: Uint8Array, offset = 0, end = bytes.length): Arp | undefined {
  if (!holds(bytes, offset, ARP_LENGTH, end)) return undefined;
  const sound = u16(bytes, offset) === 1 && u16(bytes, offset + 2) === 0x0800 && u16(bytes, offset + 4) === 0x0604;
  if (!sound) return undefined;
  return {
    operation: u16(bytes, offset + 6),
    senderMac: macAt(bytes, offset + 8),
    senderAddress: ipv4At(bytes, offset + 14),
    targetMac: macAt(bytes, offset + 18),
    targetAddress: ipv4At(bytes, offset + 24),
  };
}

/** What follows the Ethernet header. */
export function buildArpMessage(arp: Arp): Uint8Array {
  const body = new Uint8Array(ARP_LENGTH);
  putU16(body, 0, 1);
  putU16(body, 2, 0x0800);
  putU16(body, 4, 0x0604);
  putU16(body, 6, arp.operation);
  putMac(body, 8, arp.senderMac);
  putIpv4(body, 14, arp.senderAddress);
  putMac(body, 18, arp.targetMac);
  putIpv4(body, 24, arp.targetAddress);
  return body;
}

/** A whole frame, from the sender to `dst`. */
export function buildArp(arp: Arp, dst: string, vlan?: VlanTag): Uint8Array {
  return buildEthernet({ dst, src: arp.senderMac, vlan, ethType: ETHER_TYPE.arp }, buildArpMessage(arp));
}
