/** What whoever got a frame sends back: all addresses and ports the other way round. */

import { ARP_REPLY, ARP_REQUEST } from './arp.ts';
import { buildPacket } from './build.ts';
import { dissect } from './dissect.ts';
import { ICMP_TYPE } from './icmp.ts';
import { ICMPV6_TYPE } from './icmpv6.ts';
import type { PacketLayers } from './layers.ts';
import type { Tcp, TcpFlag } from './tcp.ts';

/**
 * SYN-ACK to SYN, ACK to what else TCP sends, an echo reply to a request; UDP with `payload`. `mac`: of who answers ARP. Throws
 * where the frame is nothing that is answered.
 */
export function answerTo(frame: Uint8Array, { mac, payload }: { mac?: string; payload?: Uint8Array } = {}): Uint8Array {
  const { eth, vlans, arp, ipv4, ipv6, tcp, udp, icmp, icmpv6, payload: data } = dissect(frame);
  if (eth === undefined) throw new Error('the frame is too short to be answered');
  const below: PacketLayers = {
    eth: { src: mac ?? eth.dst, dst: eth.src },
    ...(vlans.length > 0 && { vlans: vlans.map(({ vid, tpid, priority }) => ({ vid, tpid, priority })) }),
  };
  if (arp?.operation === ARP_REQUEST && mac !== undefined) {
    const { senderMac, senderAddress, targetAddress } = arp;
    const reply = { senderMac: mac, senderAddress: targetAddress, targetMac: senderMac, targetAddress: senderAddress };
    return buildPacket({ ...below, arp: { operation: ARP_REPLY, ...reply } });
  }
  const ip = ipv4 ?? ipv6;
  const ends = { src: ip?.dst ?? '', dst: ip?.src ?? '' };
  const network: PacketLayers = ipv4 === undefined ? { ...below, ipv6: ends } : { ...below, ipv4: ends };
  const own = payload === undefined ? {} : { payload };
  if (tcp !== undefined) return buildPacket({ ...network, tcp: tcpAnswer(tcp, data.length), ...own });
  if (udp !== undefined)
    return buildPacket({ ...network, udp: { srcPort: udp.dstPort, dstPort: udp.srcPort }, ...own });
  const isRequest = icmp?.type === ICMP_TYPE.echoRequest || icmpv6?.type === ICMPV6_TYPE.echoRequest;
  const echo = icmp ?? icmpv6;
  if (!isRequest || echo === undefined) throw new Error('the frame is nothing that is answered');
  const { identifier, sequence } = echo;
  return buildPacket({
    ...network,
    ...(icmp === undefined
      ? { icmpv6: { type: ICMPV6_TYPE.echoReply, identifier, sequence } }
      : { icmp: { type: ICMP_TYPE.echoReply, identifier, sequence } }),
    payload: data,
  });
}

function tcpAnswer(
  { srcPort, dstPort, flags, sequence, acknowledgement }: Tcp,
  length: number,
): NonNullable<PacketLayers['tcp']> {
  const isSyn = flags.includes('syn') && !flags.includes('ack');
  const taken = length + (flags.includes('syn') || flags.includes('fin') ? 1 : 0);
  const numbers = { sequence: isSyn ? 0 : acknowledgement, acknowledgement: (sequence + taken) >>> 0 };
  const answer: TcpFlag[] = isSyn ? ['syn', 'ack'] : ['ack'];
  return { srcPort: dstPort, dstPort: srcPort, flags: answer, ...numbers };
}
