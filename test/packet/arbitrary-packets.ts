/** Packets of every kind as layers, for properties: each protocol, all that carries another, VLANs, labels, one tunnel deep. */

import fc, { type Arbitrary } from 'fast-check';
import { DNS_TYPE, type DnsRecord } from '../../src/packet/dns-record.ts';
import { finalDestination } from '../../src/packet/ipv6.ts';
import type { PacketLayers } from '../../src/packet/layers.ts';
import { ND_TYPE } from '../../src/packet/neighbor-discovery.ts';
import { TCP_FLAGS } from '../../src/packet/tcp.ts';
import type { Contents } from './arbitrary-contents.ts';
import { address, address6, both, byte, bytes, mac, some, u16, u24, u32 } from './arbitrary-fields.ts';

type Packets = Arbitrary<PacketLayers>;

/** Whole Ethernet frames. */
export function packetsOf(contents: Contents): Packets {
  const { payload, port } = contents;
  const link = linkOf(contents);
  const ip = ipOf(contents);
  const packet = packetsFromIp(contents, ip);
  const plain = both(link, aboveEthernet(contents, packet));
  const geneve = fc.record({
    vni: u24,
    control: fc.boolean(),
    options: fc.array(fc.record({ class: u16, type: byte, value: fourBytes }), { maxLength: 4 }),
  });
  const udp = fc.record({ srcPort: port });
  const tunnel: Packets = fc.oneof(
    fc.record({ udp, vxlan: fc.record({ vni: u24, flags: fc.constant(8) }), inner: plain }),
    fc.record({ udp, geneve, inner: fc.oneof(plain, packet) }),
    fc.record({
      gre: some({ checksumPresent: fc.boolean(), key: u32, sequence: u32 }),
      inner: fc.oneof(plain, packet),
    }),
    fc.record({ inner: packet }),
    fc.record({ gre: fc.record({ protocol: contents.ethType }), payload }),
  );
  return fc.oneof(
    { arbitrary: plain, weight: 3 },
    { arbitrary: both(link, both(fc.oneof(ip.v4, ip.v6), tunnel)), weight: 1 },
  );
}

const fourBytes = fc.nat(4).chain((words) => bytes(4 * words, 4 * words));

function linkOf({ tpids }: Contents) {
  const tag = fc.record({ vid: fc.nat(4095), priority: fc.nat(7), dropEligible: fc.boolean() });
  const vlans = tpids.chain((given) => fc.tuple(...given.map((tpid) => tag.map((rest) => ({ tpid, ...rest })))));
  return fc.record({ eth: fc.record({ dst: mac, src: mac }), vlans });
}

interface Ip {
  v4: Arbitrary<Pick<Required<PacketLayers>, 'ipv4'>>;
  v6: Arbitrary<Pick<Required<PacketLayers>, 'ipv6'>>;
}

function ipOf({ ipv4Options, extensions }: Contents): Ip {
  const ipv4 = both(
    fc.record({ src: address, dst: address }),
    some({ ttl: byte, tos: byte, id: u16, dontFragment: fc.boolean(), options: ipv4Options }),
  );
  const ipv6 = both(
    fc.record({ src: address6, dst: address6 }),
    some({ hopLimit: byte, trafficClass: byte, flowLabel: fc.nat(0xfffff), extensions }),
  );
  return { v4: fc.record({ ipv4 }), v6: fc.record({ ipv6 }) };
}

function packetsFromIp(contents: Contents, { v4, v6 }: Ip): Packets {
  const { payload } = contents;
  const either = transportOf(contents);
  const discovery = fc.record({ icmpv6: discoveryOf(contents) });
  return fc.oneof(
    { arbitrary: both(v4, either), weight: 3 },
    { arbitrary: both(v6, either), weight: 3 },
    both(v4, fc.record({ icmp: contents.icmp, payload })),
    both(
      v4,
      fc.record({
        igmp: fc.record({ type: contents.igmpType, maxResponse: byte, group: address }),
        payload: contents.igmpPayload,
      }),
    ),
    both(v6, fc.record({ icmpv6: contents.icmpv6, payload })),
    { arbitrary: both(v6, discovery), weight: 2 },
    both(fc.record({ ipv4: laterFragment }), fc.record({ payload })),
  );
}

const laterFragment = fc.record({
  src: address,
  dst: address,
  fragmentOffset: fc.integer({ min: 1, max: 0x1fff }).map((units) => units * 8),
  moreFragments: fc.boolean(),
  protocol: fc.constantFrom(6, 17, 47, 253),
});

/** What goes over either version of IP. */
function transportOf(contents: Contents): Packets {
  const { payload, port } = contents;
  const ports = fc.record({ srcPort: port, dstPort: port });
  const tcp = both(
    ports,
    some({
      sequence: u32,
      acknowledgement: u32,
      flags: fc.subarray([...TCP_FLAGS]),
      window: u16,
      urgentPointer: u16,
      options: contents.tcpOptions,
    }),
  );
  return fc.oneof(
    fc.record({ tcp, payload }),
    fc.record({ udp: ports, payload }),
    fc.record({ sctp: both(ports, fc.record({ verificationTag: u32 })), payload: contents.chunks }),
    fc.record({ dns: dnsOf(contents) }),
    fc.record({ dhcp: dhcpOf(contents), payload: bytes(0, 20).map(({ length }) => new Uint8Array(length)) }),
    fc.record({ payload }),
  );
}

function discoveryOf({ ndOptions: options }: Contents) {
  const flag = fc.boolean();
  const of = <Nd>(type: number, nd: Arbitrary<Nd>) => fc.record({ type: fc.constant(type), nd });
  return fc.oneof(
    of(ND_TYPE.routerSolicitation, fc.record({ options })),
    of(
      ND_TYPE.routerAdvertisement,
      fc.record({
        hopLimit: byte,
        managed: flag,
        otherConfiguration: flag,
        lifetime: u16,
        reachableTime: u32,
        retransmitTime: u32,
        options,
      }),
    ),
    of(ND_TYPE.neighborSolicitation, fc.record({ target: address6, options })),
    of(
      ND_TYPE.neighborAdvertisement,
      fc.record({ target: address6, router: flag, solicited: flag, override: flag, options }),
    ),
    of(ND_TYPE.redirect, fc.record({ target: address6, destination: address6, options })),
  );
}

function dhcpOf({ text, dhcpOptions }: Contents) {
  return fc.record({
    operation: fc.constantFrom(1, 2),
    hops: byte,
    transactionId: u32,
    seconds: u16,
    flags: fc.constantFrom(0, 0x8000),
    clientAddress: address,
    yourAddress: address,
    nextServer: address,
    relayAgent: address,
    clientMac: mac,
    serverName: text(64),
    bootFile: text(128),
    options: dhcpOptions,
  });
}

function dnsOf(contents: Contents) {
  const flag = fc.boolean();
  const records = fc.array(recordOf(contents), { maxLength: 3 });
  const question = fc.record({ name: contents.dnsName, type: contents.dnsType, class: contents.dnsClass });
  return fc.record({
    id: u16,
    response: flag,
    opcode: contents.opcode,
    authoritative: flag,
    truncated: flag,
    recursionDesired: flag,
    recursionAvailable: flag,
    authenticated: flag,
    checkingDisabled: flag,
    responseCode: fc.nat(5),
    questions: fc.array(question, { maxLength: 3 }),
    answers: records,
    authorities: records,
    additionals: records,
  });
}

function recordOf({ dnsName, dnsType, dnsClass, text }: Contents): Arbitrary<DnsRecord> {
  const data: Arbitrary<Omit<DnsRecord, 'name' | 'class' | 'ttl'>> = fc.oneof(
    fc.record({ type: fc.constant(DNS_TYPE.a), address }),
    fc.record({ type: fc.constant(DNS_TYPE.aaaa), address: address6 }),
    fc.record({ type: fc.constantFrom(DNS_TYPE.ns, DNS_TYPE.cname, DNS_TYPE.ptr), target: dnsName }),
    fc.record({ type: fc.constant(DNS_TYPE.mx), preference: u16, target: dnsName }),
    fc.record({ type: fc.constant(DNS_TYPE.srv), priority: u16, weight: u16, port: u16, target: dnsName }),
    fc.record({ type: fc.constant(DNS_TYPE.txt), texts: fc.array(text(255), { minLength: 1, maxLength: 3 }) }),
    fc.record({ type: dnsType, data: bytes(0, 30) }),
  );
  return both(fc.record({ name: dnsName, class: dnsClass, ttl: u32 }), data);
}

function aboveEthernet(contents: Contents, packet: Packets): Packets {
  const { payload, arpOperation } = contents;
  const trailer = bytes(0, 20).map(({ length }) => new Uint8Array(length));
  const arp = fc.record({
    operation: arpOperation,
    senderMac: mac,
    senderAddress: address,
    targetMac: mac,
    targetAddress: address,
  });
  const mpls = fc.record({
    mpls: fc.array(fc.record({ label: contents.label, trafficClass: fc.nat(7), ttl: byte }), {
      minLength: 1,
      maxLength: 4,
    }),
  });
  const snap = fc.record({ snap: fc.record({ oui: fc.constant(0), protocol: fc.constant(0x0800) }) });
  const overSnap = packet.filter((each) => each.ipv4 !== undefined);
  return fc.oneof(
    { arbitrary: packet, weight: 8 },
    { arbitrary: errorAbout(contents, packet), weight: 2 },
    fc.record({ arp, trailer }),
    fc.record({ lldp: contents.lldp, trailer }),
    fc.record({ llc: contents.llc, payload, trailer }),
    both(fc.record({ llc: snap, trailer }), overSnap),
    fc.record({
      llc: fc.record({ snap: fc.record({ oui: contents.snapOui, protocol: u16 }) }),
      payload,
    }),
    both(mpls, fc.record({ payload: payload.filter(({ length }) => length > 0) })),
    both(mpls, packet),
    fc.record({ payload }),
  );
}

function errorAbout({ icmpErrors, code, errorWord: rest }: Contents, packet: Packets): Packets {
  const ends = fc.record({ src: address, dst: address });
  const ends6 = fc.record({ src: address6, dst: address6 });
  return fc.oneof(
    fc.record({
      ipv4: ends,
      icmp: fc.record({ type: icmpErrors, code, rest }),
      quoted: packet.filter((each) => each.ipv4 !== undefined),
    }),
    fc.record({
      ipv6: ends6,
      icmpv6: fc.record({ type: fc.constantFrom(1, 2, 3, 4), code, rest }),
      // Where a routing header leads a quoted packet, not all who read it look.
      quoted: packet.filter(({ ipv6 }) => ipv6 !== undefined && finalDestination(ipv6) === ipv6.dst),
    }),
  );
}
