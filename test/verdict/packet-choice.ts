/** Random Ethernet frames of every kind that a flow can match on, and what each says in the words of match fields. */

import { hexBytes } from '../../proto/wire/address.ts';
import { buildArpMessage } from '../../src/packet/arp.ts';
import { joined } from '../../src/packet/bytes.ts';
import { buildEthernet } from '../../src/packet/ethernet.ts';
import { buildIpv4 } from '../../src/packet/ipv4.ts';
import { buildIpv6 } from '../../src/packet/ipv6.ts';
import type { Ipv6Extension } from '../../src/packet/ipv6-extension.ts';
import { buildLlc } from '../../src/packet/llc.ts';
import { buildMpls, type MplsFields } from '../../src/packet/mpls.ts';
import type { Random } from '../fuzz/random.ts';
import { likely } from './likely.ts';
import { HOST_MACS, HOSTS4, HOSTS6, IPV4, IPV6, LABELS, MACS, TOS, TTLS, VIDS } from './pools.ts';
import { chooseSegment, type Facts, type Layer } from './segment-choice.ts';

export interface ChosenPacket {
  frame: Uint8Array;
  facts: Facts;
}

const KINDS = [
  ...(['ipv4', 'ipv4', 'ipv4', 'ipv4', 'ipv6', 'ipv6', 'ipv6', 'arp', 'mpls', 'other', 'llc'] as const),
] as const;
type Kind = (typeof KINDS)[number];

export function choosePacket(random: Random, wanted?: 'ip' | 'ipv4'): ChosenPacket {
  const kind = wanted === 'ip' ? random.pick(['ipv4', 'ipv6'] as const) : (wanted ?? random.pick<Kind>(KINDS));
  const dst = random.pick(likely(random, 80) ? HOST_MACS : MACS);
  const src = random.pick(HOST_MACS);
  const { ethType, layer } = payloadOf(random, kind);
  const count = likely(random, 70) ? 0 : random.pick([1, 1, 1, 2, 2, 3]);
  let { bytes } = layer;
  const facts: Facts = { ethDst: dst, ethSrc: src, ethType, ...layer.facts };
  let type = ethType;
  if (kind === 'llc') {
    const isSnap = likely(random, 50);
    bytes = isSnap
      ? buildLlc({ snap: { oui: 0, protocol: ethType } }, bytes)
      : buildLlc({ dsap: 0x42, ssap: 0x42 }, random.bytes(40));
    if (!isSnap) facts.ethType = 0x05ff;
    type = bytes.length;
  }
  const vlans = Array.from({ length: count }, () => ({
    tpid: random.pick([0x8100, 0x8100, 0x88a8]),
    vid: random.pick(VIDS),
    priority: random.below(8),
    dropEligible: random.below(8) === 0,
  }));
  const [outer, inner] = vlans;
  if (outer !== undefined) {
    facts.vlanVid = 0x1000 | outer.vid;
    facts.vlanPcp = outer.priority;
  }
  // Open vSwitch looks behind one tag, unless it is told otherwise.
  if (inner !== undefined) facts.ethType = inner.tpid;
  let frame = buildEthernet({ dst, src, vlans, ethType: type }, bytes);
  if (likely(random, 6)) {
    frame = frame.slice(0, 14 + random.below(frame.length - 13));
    return { frame, facts: { ethDst: dst, ethSrc: src } };
  }
  // Padding of the link behind the network's packet.
  if (likely(random, 10)) frame = joined(frame, new Uint8Array(1 + random.below(20)));
  return { frame, facts };
}

function payloadOf(random: Random, kind: Kind): { ethType: number; layer: Layer } {
  switch (kind) {
    case 'ipv4':
    case 'llc':
      return { ethType: 0x0800, layer: ipv4(random) };
    case 'ipv6':
      return { ethType: 0x86dd, layer: ipv6(random) };
    case 'arp':
      return { ethType: likely(random, 95) ? 0x0806 : 0x8035, layer: arp(random) };
    case 'mpls':
      return { ethType: random.pick([0x8847, 0x8848]), layer: mpls(random) };
    case 'other':
      return { ethType: random.pick([0x88cc, 0x88e7, 0x1234]), layer: { bytes: random.bytes(46), facts: {} } };
  }
}

function arp(random: Random): Layer {
  const arpOp = random.pick([1, 2, 1, 2, 3, 0x100, 0]);
  const [arpSha, arpTha] = [random.pick(HOST_MACS), random.pick(MACS)];
  const [arpSpa, arpTpa] = [random.pick(HOSTS4), random.pick(HOSTS4)];
  const bytes = buildArpMessage({
    operation: arpOp,
    senderMac: arpSha,
    senderAddress: arpSpa,
    targetMac: arpTha,
    targetAddress: arpTpa,
  });
  if (arpOp > 255) return { bytes, facts: { arpSpa, arpTpa } };
  return { bytes, facts: { arpOp, arpSha, arpTha, arpSpa, arpTpa } };
}

function mpls(random: Random): Layer {
  const count = random.pick([1, 1, 2, 3, 4]);
  const labels = Array.from(
    { length: count },
    (): Required<MplsFields> => ({
      label: random.pick(LABELS),
      trafficClass: random.below(8),
      bottomOfStack: false,
      ttl: random.pick(TTLS),
    }),
  );
  labels.at(-1)!.bottomOfStack = true;
  const { label, trafficClass, bottomOfStack, ttl } = labels[0]!;
  return {
    bytes: buildMpls(labels, ipv4(random).bytes),
    facts: { mplsLabel: label, mplsTc: trafficClass ?? 0, mplsBos: bottomOfStack ? 1 : 0, mplsTtl: ttl ?? 0 },
  };
}

function ipv4(random: Random): Layer {
  const src = random.pick(HOSTS4);
  const dst = random.pick(likely(random, 80) ? HOSTS4 : IPV4);
  const [fragmentOffset, moreFragments] = likely(random, 88)
    ? ([0, false] as const)
    : random.pick([[0, true] as const, [24, true] as const, [24, false] as const]);
  const whole = fragmentOffset === 0;
  const { proto, bytes, facts } = chooseSegment(random, { src, dst });
  const tos = random.pick(TOS);
  const ttl = random.pick(TTLS);
  const options = likely(random, 88) ? new Uint8Array() : hexBytes(random.pick(['01010100', '0101010101010100']))!;
  const header = {
    src,
    dst,
    protocol: proto,
    tos,
    ttl,
    id: random.below(0x10000),
    options,
    fragmentOffset,
    moreFragments,
  };
  return {
    bytes: buildIpv4({ ...header, dontFragment: likely(random, 50) }, bytes),
    facts: {
      ipv4Src: src,
      ipv4Dst: dst,
      ipProto: proto,
      ...ofByte(tos, ttl),
      ipFrag: whole ? (moreFragments ? 1 : 0) : 3,
      ...(whole ? facts : {}),
    },
  };
}

const ofByte = (tos: number, ttl: number): Facts => ({
  ipDscp: tos >> 2,
  ipEcn: tos & 3,
  nxmIpTos: tos & 0xfc,
  ipTtl: ttl,
});

function ipv6(random: Random): Layer {
  const src = random.pick(HOSTS6);
  const dst = random.pick(likely(random, 80) ? HOSTS6 : IPV6);
  const inner = chooseSegment(random, { src, dst });
  let { facts } = inner;
  let ipFrag = 0;
  const extensions: Ipv6Extension[] = [];
  if (likely(random, 6)) extensions.push({ kind: 'hopByHop', options: new Uint8Array() });
  if (likely(random, 6)) {
    const segmentsLeft = random.below(2);
    extensions.push({ kind: 'routing', routingType: 4, segmentsLeft, data: new Uint8Array(4) });
  }
  if (likely(random, 6)) extensions.push({ kind: 'destination', options: new Uint8Array() });
  if (likely(random, 12)) {
    const [offset, moreFragments] = random.pick([
      [0, true] as const,
      [8, true] as const,
      [8, false] as const,
      [0, false] as const,
    ]);
    extensions.push({ kind: 'fragment', offset, moreFragments, id: 0x1234 });
    ipFrag = offset > 0 ? 3 : moreFragments ? 1 : 0;
    if (offset > 0) facts = {};
  }
  const [trafficClass, hopLimit] = [random.pick(TOS), random.pick(TTLS)];
  const flowLabel = random.pick([0, 1, 0xfffff, 0x12345]);
  return {
    bytes: buildIpv6({ src, dst, protocol: inner.proto, trafficClass, flowLabel, hopLimit, extensions }, inner.bytes),
    facts: {
      ipv6Src: src,
      ipv6Dst: dst,
      ipProto: inner.proto,
      ...ofByte(trafficClass, hopLimit),
      ipv6FlowLabel: flowLabel,
      ipFrag,
      ...facts,
    },
  };
}
