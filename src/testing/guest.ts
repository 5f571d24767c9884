/** A guest behind a port: what frames it takes, and what it answers by itself: ARP (RFC 826), neighbour discovery (RFC 4861), echo. */

import { holds, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';
import { answerTo } from '../packet/answer-to.ts';
import { ARP_REQUEST } from '../packet/arp.ts';
import { buildPacket } from '../packet/build.ts';
import { dissect, type Packet } from '../packet/dissect.ts';
import { BROADCAST_MAC } from '../packet/ethernet.ts';
import { ICMP_TYPE } from '../packet/icmp.ts';
import { ICMPV6_TYPE } from '../packet/icmpv6.ts';
import { isGroupMac, macNumber } from '../packet/mac.ts';
import { linkLayerOf, linkLayerOption, ND_OPTION, ND_TYPE } from '../packet/neighbor-discovery.ts';

export interface GuestOptions {
  /** `s1:a`, `hv1/br0:web1`. With a file it may be left out, where one of its ports has the guest's name. */
  at?: string;
  /** IPv4, with the length of its prefix: `10.0.0.1/24`. Without one all addresses are on its link. */
  ip?: string;
  ip6?: string;
  /** Default: one of its own. */
  mac?: string;
  /** The id of the tag that it sends and takes; default: none. */
  vlan?: number;
  /** Who it sends to what is not on its link. */
  gateway?: string;
  /** False: it says nothing by itself. */
  answers?: boolean;
}

export interface Guest {
  readonly name: string;
  readonly mac: string;
  readonly ip: string | undefined;
  readonly ip6: string | undefined;
  readonly vlan: number | undefined;
  readonly gateway: string | undefined;
  /** `s1:a` */
  at: string;
  /** Address → MAC address, of whom it has heard. */
  readonly neighbours: Map<string, string>;
  isOnLink(address: string): boolean;
  /** Whether the frame is for it. What it answers goes to `send`. */
  hear(frame: Uint8Array): { taken: boolean; answer: Uint8Array | undefined };
}

export function createGuest(name: string, at: string, mac: string, options: GuestOptions): Guest {
  const { vlan, gateway, answers = true } = options;
  const ip = addressIn(name, options.ip);
  const ip6 = addressIn(name, options.ip6);
  const neighbours = new Map<string, string>();

  function takes({ eth, vlans }: Packet): boolean {
    if (eth === undefined || vlans[0]?.vid !== vlan || vlans.length > (vlan === undefined ? 0 : 1)) return false;
    return eth.dst === mac || isGroupMac(macNumber(eth.dst));
  }

  function learn({ arp, icmpv6 }: Packet): void {
    if (arp !== undefined) neighbours.set(arp.senderAddress, arp.senderMac);
    const { nd, type } = icmpv6 ?? {};
    const target = nd === undefined ? undefined : linkLayerOf({ options: nd.options }, ND_OPTION.targetLinkLayer);
    if (type === ND_TYPE.neighborAdvertisement && nd?.target !== undefined && target !== undefined)
      neighbours.set(nd.target, target);
  }

  function answer(packet: Packet): Uint8Array | undefined {
    const { frame, arp, ipv4, ipv6, icmp, icmpv6 } = packet;
    if (arp?.operation === ARP_REQUEST && arp.targetAddress === ip) return answerTo(frame, { mac });
    if (icmp?.type === ICMP_TYPE.echoRequest && ipv4?.dst === ip) return answerTo(frame, { mac });
    if (icmpv6?.type === ICMPV6_TYPE.echoRequest && ipv6?.dst === ip6) return answerTo(frame, { mac });
    const isAsked = icmpv6?.type === ND_TYPE.neighborSolicitation && icmpv6.nd?.target === ip6;
    return isAsked && ip6 !== undefined ? advertisement(packet, ip6) : undefined;
  }

  function advertisement({ eth, ipv6 }: Packet, target: string): Uint8Array {
    const options = [linkLayerOption(ND_OPTION.targetLinkLayer, mac)];
    return buildPacket({
      eth: { src: mac, dst: eth?.src ?? BROADCAST_MAC },
      ...(vlan !== undefined && { vlans: [{ vid: vlan }] }),
      ipv6: { src: target, dst: ipv6?.src ?? '::' },
      icmpv6: { type: ND_TYPE.neighborAdvertisement, nd: { target, solicited: true, override: true, options } },
    });
  }

  return {
    ...{ name, mac, vlan, gateway, at, neighbours },
    ip,
    ip6,
    isOnLink: (address) => isInside(address.includes(':') ? options.ip6 : options.ip, address),
    hear(frame) {
      const packet = dissect(frame);
      const taken = takes(packet);
      if (taken) learn(packet);
      return { taken, answer: taken && answers ? answer(packet) : undefined };
    },
  };
}

function addressIn(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [address = '', length] = text.split('/');
  if (parseIp(address) !== undefined && (length === undefined || /^\d{1,3}$/.test(length))) return address;
  throw new Error(`guest "${name}": "${text}" is no address: write it as 10.0.0.1/24 or fd00::1/64`);
}

/** `own`: an address with the length of its prefix; without one everything is inside. */
function isInside(own: string | undefined, address: string): boolean {
  if (own === undefined || !own.includes('/')) return own !== undefined;
  const prefix = parseIpPrefix(own);
  const ip = parseIp(address);
  return prefix !== undefined && ip !== undefined && holds(prefix, ip);
}
