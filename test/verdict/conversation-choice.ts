/** Random packets of one connection, as conntrack would see them. */

import { buildEthernet } from '../../src/packet/ethernet.ts';
import { buildIcmp } from '../../src/packet/icmp.ts';
import { buildIcmpv6 } from '../../src/packet/icmpv6.ts';
import { buildIpv4 } from '../../src/packet/ipv4.ts';
import { buildIpv6 } from '../../src/packet/ipv6.ts';
import { buildTcp } from '../../src/packet/tcp.ts';
import { buildUdp } from '../../src/packet/udp.ts';
import type { Random } from '../fuzz/random.ts';
import { likely } from './likely.ts';
import { type ChosenPacket, choosePacket } from './packet-choice.ts';
import { HOST_MACS, HOSTS4, HOSTS6 } from './pools.ts';
import { type Facts, flagsOf } from './segment-choice.ts';

/** Packets of one connection from its first side, of TCP, UDP or ICMP: what comes back is made of what the switch sent. */
export function chooseConversation(random: Random, count: number): ChosenPacket[] {
  const six = likely(random, 30);
  const [src, dst] = six ? ([HOSTS6[0]!, HOSTS6[1]!] as const) : ([HOSTS4[0]!, HOSTS4[1]!] as const);
  const ends = { src, dst };
  const proto = random.pick(['tcp', 'tcp', 'udp', 'icmp'] as const);
  const [from, to] = [random.pick([1024, 5000]), random.pick([80, 53])];
  return Array.from({ length: count }, (_, i): ChosenPacket => {
    if (likely(random, 12)) return choosePacket(random, 'ip');
    const flags = i === 0 ? 2 : random.pick([0x10, 0x18, 0x10, 2, 0x11, 4]);
    const ports = { ...ends, srcPort: from, dstPort: to };
    const echo = { identifier: 7, sequence: i };
    const segments = {
      tcp: () =>
        buildTcp({ ...ports, flags: flagsOf(flags), sequence: i === 0 ? 1 : 2 }, random.bytes(i === 0 ? 0 : 8)),
      udp: () => buildUdp(ports, random.bytes(12)),
      icmp: () =>
        six
          ? buildIcmpv6({ ...ends, type: 128, ...echo }, random.bytes(8))
          : buildIcmp({ type: 8, ...echo }, random.bytes(8)),
    };
    const protocol = proto === 'tcp' ? 6 : proto === 'udp' ? 17 : six ? 58 : 1;
    const packet = six
      ? buildIpv6({ src, dst, protocol, hopLimit: 64 }, segments[proto]())
      : buildIpv4({ src, dst, protocol, ttl: 64, id: i, dontFragment: true }, segments[proto]());
    const ethType = six ? 0x86dd : 0x0800;
    const facts: Facts = {
      ethSrc: HOST_MACS[0]!,
      ethDst: HOST_MACS[1]!,
      ethType,
      ipProto: protocol,
      ...(six ? { ipv6Src: src, ipv6Dst: dst } : { ipv4Src: src, ipv4Dst: dst }),
      ...(proto === 'icmp' ? {} : { [`${proto}Src`]: from, [`${proto}Dst`]: to }),
    };
    return { frame: buildEthernet({ dst: HOST_MACS[1]!, src: HOST_MACS[0]!, ethType }, packet), facts };
  });
}
