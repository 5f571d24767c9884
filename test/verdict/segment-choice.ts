/** Random segments of TCP, UDP, SCTP and ICMP, and what each says in the words of match fields. */

import type { FieldName, FieldValue } from '../../proto/openflow/oxm-fields.ts';
import { macBytes } from '../../proto/wire/address.ts';
import { buildIcmp } from '../../src/packet/icmp.ts';
import { buildIcmpv6 } from '../../src/packet/icmpv6.ts';
import { buildSctp } from '../../src/packet/sctp.ts';
import { buildTcp, TCP_FLAGS } from '../../src/packet/tcp.ts';
import { buildUdp } from '../../src/packet/udp.ts';
import type { Random } from '../fuzz/random.ts';
import { likely } from './likely.ts';
import { FLAGS, HOST_MACS, HOSTS6, PORT_NUMBERS } from './pools.ts';

/** What a frame says; only what a flow could match without a doubt. */
export type Facts = Partial<Record<FieldName, FieldValue>>;

export interface Layer {
  bytes: Uint8Array;
  facts: Facts;
}

/** Between which a segment goes: its checksum covers them. */
export interface Ends {
  src: string;
  dst: string;
}

export const flagsOf = (bits: number) => TCP_FLAGS.filter((_, i) => ((bits >> i) & 1) === 1);

export function chooseSegment(random: Random, ends: Ends): Layer & { proto: number } {
  const six = ends.src.includes(':');
  const [src, dst] = [random.pick(PORT_NUMBERS), random.pick(PORT_NUMBERS)];
  const payload = random.bytes(random.pick([0, 1, 8, 20, 31, 200]));
  switch (random.pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'udp', 'icmp', 'icmp', 'sctp', 'other'] as const)) {
    case 'tcp': {
      const tcpFlags = random.pick(FLAGS);
      const bytes = buildTcp({ ...ends, srcPort: src, dstPort: dst, flags: flagsOf(tcpFlags) }, payload);
      return { proto: 6, bytes, facts: { tcpSrc: src, tcpDst: dst, tcpFlags } };
    }
    case 'udp': {
      const none = six || likely(random, 85) ? {} : { checksum: 0 };
      const bytes = buildUdp({ ...ends, srcPort: src, dstPort: dst, ...none }, payload);
      return { proto: 17, bytes, facts: { udpSrc: src, udpDst: dst } };
    }
    case 'sctp': {
      const bytes = buildSctp({ srcPort: src, dstPort: dst }, payload);
      return { proto: 132, bytes, facts: { sctpSrc: src, sctpDst: dst } };
    }
    case 'icmp':
      return six ? icmpv6(random, ends) : icmpv4(random);
    case 'other':
      return { proto: random.pick([47, 50, 4, 2, 59]), bytes: payload, facts: {} };
  }
}

function icmpv4(random: Random): Layer & { proto: number } {
  const [type, code] = random.pick([[8, 0] as const, [0, 0] as const, [3, 1] as const, [11, 0] as const]);
  const bytes = buildIcmp({ type, code, identifier: random.below(3), sequence: 1 }, random.bytes(24));
  return { proto: 1, bytes, facts: { icmpv4Type: type, icmpv4Code: code } };
}

function icmpv6(random: Random, ends: Ends): Layer & { proto: number } {
  const type = random.pick([128, 129, 135, 136, 135, 136, 1, 133]);
  const code = likely(random, 95) ? 0 : 1;
  if (type !== 135 && type !== 136) {
    const bytes = buildIcmpv6({ ...ends, type, code, identifier: random.below(3), sequence: 1 }, random.bytes(16));
    return { proto: 58, bytes, facts: { icmpv6Type: type, icmpv6Code: code } };
  }
  const target = random.pick(HOSTS6);
  const mac = random.pick(HOST_MACS);
  const option = { type: type === 135 ? 1 : 2, value: macBytes(mac)! };
  const nd = { target, options: likely(random, 85) ? [option] : [] };
  const bytes = buildIcmpv6({ ...ends, type, code, nd }, new Uint8Array());
  const facts: Facts = { icmpv6Type: type, icmpv6Code: code };
  if (code === 0 && bytes.length === 32) {
    facts.ipv6NdTarget = target;
    if (type === 135) facts.ipv6NdSll = mac;
    else facts.ipv6NdTll = mac;
  }
  return { proto: 58, bytes, facts };
}
