/** The reset that refuses a segment of TCP (RFC 9293 3.10.7.1), from where it was sent to. */

import { buildEthernet, parseEthernet } from './ethernet.ts';
import { parseIp } from './ip.ts';
import { buildIpv4, IP_PROTOCOL } from './ipv4.ts';
import { buildIpv6 } from './ipv6.ts';
import { isGroupMac, macNumber } from './mac.ts';
import { buildTcp, parseTcp } from './tcp.ts';

const TTL = 64;

/**
 * undefined where none may be sent: about no TCP, a reset, a later fragment, or a group. `mac`: whose frame it is; default:
 * that of the station that the segment was sent to.
 */
export function tcpReset(frame: Uint8Array, mac?: string): Uint8Array | undefined {
  const ethernet = parseEthernet(frame);
  const ip = ethernet && parseIp(frame, ethernet);
  if (ethernet === undefined || ip === undefined) return undefined;
  if (ip.protocol !== IP_PROTOCOL.tcp || ip.isLaterFragment || !ip.isSound) return undefined;
  if (isGroupMac(macNumber(ethernet.dst)) || isGroupMac(macNumber(ethernet.src))) return undefined;
  const segment = parseTcp(frame, ip.payloadOffset, ip.payloadEnd);
  if (segment === undefined || segment.flags.includes('rst')) return undefined;
  const { srcPort: dstPort, dstPort: srcPort, flags, sequence, acknowledgement } = segment;
  const length = ip.payloadLength - (segment.payloadOffset - ip.payloadOffset);
  const taken = length + (flags.includes('syn') ? 1 : 0) + (flags.includes('fin') ? 1 : 0);
  const ends = { src: ip.dst, dst: ip.src };
  const tcp = buildTcp(
    {
      ...{ ...ends, srcPort, dstPort, window: 0 },
      ...(flags.includes('ack')
        ? { flags: ['rst'], sequence: acknowledgement }
        : { flags: ['rst', 'ack'], acknowledgement: (sequence + taken) >>> 0 }),
    },
    new Uint8Array(0),
  );
  const packet = ip.isIpv6
    ? buildIpv6({ ...ends, protocol: IP_PROTOCOL.tcp, hopLimit: TTL }, tcp)
    : buildIpv4({ ...ends, protocol: IP_PROTOCOL.tcp, ttl: TTL, dontFragment: true }, tcp);
  const { src: dst, vlan, ethType } = ethernet;
  return buildEthernet({ dst, src: mac ?? ethernet.dst, vlan, ethType }, packet);
}
