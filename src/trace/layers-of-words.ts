/** The layers above Ethernet of a packet that is said in words. */

import { macBytes } from '../../proto/wire/address.ts';
import { ARP_REQUEST } from '../packet/arp.ts';
import { ICMP_TYPE } from '../packet/icmp.ts';
import { ICMPV6_TYPE } from '../packet/icmpv6.ts';
import type { PacketLayers } from '../packet/layers.ts';
import { ND_OPTION, ND_TYPE } from '../packet/neighbor-discovery.ts';
import { type Asked, type Sender, SOME_ADDRESS } from './asked.ts';
import { solicitedNode } from './next-hop.ts';
import type { Kind } from './packet-words.ts';

const DYNAMIC_PORT = 49_152;
const PORTS_OF = { tcp: 80, udp: 53, sctp: 80 } as const;
/** RFC 3692. */
const EXPERIMENTAL = 253;

/** What stands on the frame's header. */
export function layersAbove(
  { words, taken }: Asked,
  kind: Kind,
  { mac, address }: Sender,
  given: string | undefined,
): PacketLayers {
  if (kind === 'eth') return {};
  const target = given ?? SOME_ADDRESS[4];
  if (kind === 'arp') {
    return { arp: { operation: ARP_REQUEST, senderMac: mac, senderAddress: address, targetAddress: target } };
  }
  const { ttl, tos } = words;
  const isSix = target.includes(':');
  const dst = kind === 'nd' ? solicitedNode(target) : target;
  const ends = { src: address, dst };
  const protocol = kind === 'ip' ? { protocol: words.proto ?? EXPERIMENTAL } : {};
  const network: PacketLayers = isSix
    ? { ipv6: { ...ends, ...protocol, hopLimit: ttl, trafficClass: tos } }
    : { ipv4: { ...ends, ...protocol, ttl, tos } };
  switch (kind) {
    case 'ip':
      return network;
    case 'nd': {
      const options = [{ type: ND_OPTION.sourceLinkLayer, value: macBytes(mac)! }];
      return { ...network, icmpv6: { type: ND_TYPE.neighborSolicitation, nd: { target, options } } };
    }
    case 'ping':
    case 'icmp': {
      const usual = isSix ? ICMPV6_TYPE.echoRequest : ICMP_TYPE.echoRequest;
      const message = {
        type: words.type ?? usual,
        code: words.code ?? 0,
        ...((words.type ?? usual) === usual ? { identifier: 1, sequence: 1 } : {}),
      };
      return isSix ? { ...network, icmpv6: message } : { ...network, icmp: message };
    }
  }
  const dstPort = words.target?.port ?? PORTS_OF[kind];
  if (words.target?.port === undefined) taken.push(`to port ${dstPort}: none was said`);
  const ports = { srcPort: words.source?.port ?? DYNAMIC_PORT, dstPort };
  if (kind === 'tcp') return { ...network, tcp: { ...ports, flags: words.flags ?? ['syn'] } };
  return kind === 'udp' ? { ...network, udp: ports } : { ...network, sctp: ports };
}
