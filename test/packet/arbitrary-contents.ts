/**
 * What stands in packets of properties where their format leaves room: options, ports, names and payloads. `ANYTHING` is all that can be
 * built; `SOUND` is what another dissector finds no fault with, and knows no more of than this one.
 */

import fc, { type Arbitrary } from 'fast-check';
import { hexBytes } from '../../proto/wire/address.ts';
import { joined } from '../../src/packet/bytes.ts';
import type { DhcpOption } from '../../src/packet/dhcp.ts';
import type { IcmpFields } from '../../src/packet/icmp.ts';
import type { Ipv6Extension } from '../../src/packet/ipv6-extension.ts';
import type { LlcFields } from '../../src/packet/llc.ts';
import type { Lldp } from '../../src/packet/lldp.ts';
import type { NdOption } from '../../src/packet/neighbor-discovery.ts';
import { blocks, byte, bytes, u16, u24, u32 } from './arbitrary-fields.ts';

export interface Contents {
  /** TPIDs of VLAN tags, outermost first. */
  tpids: Arbitrary<number[]>;
  payload: Arbitrary<Uint8Array>;
  chunks: Arbitrary<Uint8Array>;
  port: Arbitrary<number>;
  ethType: Arbitrary<number>;
  label: Arbitrary<number>;
  llc: Arbitrary<LlcFields>;
  snapOui: Arbitrary<number>;
  arpOperation: Arbitrary<number>;
  lldp: Arbitrary<Lldp>;
  ipv4Options: Arbitrary<Uint8Array>;
  tcpOptions: Arbitrary<Uint8Array>;
  extensions: Arbitrary<Ipv6Extension[]>;
  icmp: Arbitrary<IcmpFields>;
  icmpv6: Arbitrary<IcmpFields>;
  igmpType: Arbitrary<number>;
  igmpPayload: Arbitrary<Uint8Array>;
  icmpErrors: Arbitrary<number>;
  /** Of an error of ICMP and of ICMPv6; and its second word. */
  code: Arbitrary<number>;
  errorWord: Arbitrary<number>;
  ndOptions: Arbitrary<NdOption[]>;
  /** Of a name or a file in DHCP, and a text of DNS. */
  text: (maxLength: number) => Arbitrary<string>;
  dhcpOptions: Arbitrary<DhcpOption[]>;
  dnsName: Arbitrary<string>;
  dnsType: Arbitrary<number>;
  dnsClass: Arbitrary<number>;
  opcode: Arbitrary<number>;
}

/** Not IP's first nibbles, which would be read behind labels. */
const payload = bytes(0, 60).map((data) => (data.length > 0 ? joined(Uint8Array.of(0xe0), data) : data));
/** No port by which something is known. */
const quietPort = fc.integer({ min: 20_000, max: 40_000 });
const ascii = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'), minLength, maxLength });
const asBytes = (text: string) => Uint8Array.from(text, (each) => each.charCodeAt(0));
const fixed = (...hex: string[]) => fc.constantFrom(...hex.map((each) => hexBytes(each)!));

const hostName = fc.array(ascii(1, 20), { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));
const oddLabel = bytes(1, 20).map((raw) =>
  Array.from(raw, (each) => {
    const character = String.fromCharCode(each);
    if (character === '.' || character === '\\') return `\\${character}`;
    return each > 0x20 && each < 0x7f ? character : `\\${`${each}`.padStart(3, '0')}`;
  }).join(''),
);

const lldpId = fc.record({ subtype: byte, id: bytes(1, 255) });
const fragment = fc.record({
  kind: fc.constant('fragment' as const),
  offset: fc.constant(0),
  moreFragments: fc.boolean(),
  id: u32,
});
const authentication = fc.record({
  kind: fc.constant('authentication' as const),
  spi: u32,
  sequence: u32,
  value: blocks(8, 3, 4),
});
const anyExtension: Arbitrary<Ipv6Extension> = fc.oneof(
  fc.record({ kind: fc.constantFrom('hopByHop', 'destination'), options: blocks(8, 3, 6) }),
  fc.record({ kind: fc.constant('routing' as const), routingType: byte, segmentsLeft: byte, data: blocks(8, 5, 4) }),
  fragment,
  authentication,
);

export const ANYTHING: Contents = {
  tpids: fc.array(fc.constantFrom(0x8100, 0x88a8), { maxLength: 3 }),
  payload,
  chunks: payload,
  port: quietPort,
  ethType: fc.integer({ min: 0x9200, max: 0xffff }),
  label: fc.nat(0xfffff),
  llc: fc.oneof(
    fc.record({ dsap: fc.nat(0xa9), ssap: byte, control: byte.map((value) => value | 3) }),
    fc.record({ dsap: fc.nat(0xa9), ssap: byte, control: u16.filter((value) => value % 4 !== 3) }),
  ),
  snapOui: u24.map((oui) => oui | 1),
  arpOperation: u16,
  lldp: fc.record({
    chassisId: lldpId,
    portId: lldpId,
    ttl: u16,
    own: fc.array(fc.record({ oui: u24, subtype: byte, value: bytes(0, 507) }), { maxLength: 3 }),
    others: fc.array(fc.record({ type: fc.integer({ min: 4, max: 126 }), value: bytes(0, 511) }), { maxLength: 3 }),
  }),
  ipv4Options: blocks(4, 10),
  tcpOptions: blocks(4, 10),
  extensions: fc.array(anyExtension, { maxLength: 3 }),
  icmp: fc.oneof(
    fc.record({ type: fc.constantFrom(0, 8, 13, 14, 15, 16, 17, 18), code: byte, identifier: u16, sequence: u16 }),
    fc.record({ type: fc.constantFrom(1, 9, 10, 40, 200), code: byte, rest: u32 }),
  ),
  icmpv6: fc.oneof(
    fc.record({ type: fc.constantFrom(128, 129), code: byte, identifier: u16, sequence: u16 }),
    fc.record({ type: fc.constantFrom(130, 143, 200), code: byte, rest: u32 }),
  ),
  igmpType: byte,
  igmpPayload: payload,
  icmpErrors: fc.constantFrom(3, 4, 5, 11, 12),
  code: byte,
  errorWord: u32,
  ndOptions: fc.array(fc.record({ type: byte, value: blocks(8, 4, 6) }), { maxLength: 4 }),
  text: (maxLength) =>
    fc.array(fc.integer({ min: 1, max: 255 }), { maxLength }).map((codes) => String.fromCharCode(...codes)),
  dhcpOptions: fc.array(fc.record({ code: fc.integer({ min: 1, max: 254 }), value: bytes(0, 255) }), { maxLength: 6 }),
  dnsName: fc.oneof(
    fc.constant('.'),
    hostName,
    fc.array(oddLabel, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.')),
  ),
  dnsType: fc.integer({ min: 100, max: 0xffff }),
  dnsClass: u16,
  opcode: fc.nat(15),
};

const option = (code: number, value: Arbitrary<Uint8Array>) => fc.record({ code: fc.constant(code), value });
const tlv = (type: number, value: Arbitrary<Uint8Array>) => fc.record({ type: fc.constant(type), value });
const anAddress = bytes(4, 4);
const soundId = ascii(1, 30).map((text) => ({ subtype: 7, id: asBytes(text) }));

/** Each once at most, in the order that RFC 8200 4.1 wants. */
const soundExtensions = fc
  .tuple(
    // A router alert, and padding.
    fc.option(fixed('050200000100', '0104000000000000000000000000'), { nil: undefined }),
    fc.option(
      fc.oneof(
        fc.record({ routingType: fc.constant(253), segmentsLeft: fc.constant(0), data: blocks(8, 3, 4) }),
        // Of mobile nodes, and segment routing: where the packet goes in the end is not where it goes next.
        fc.record({
          routingType: fc.constant(2),
          segmentsLeft: fc.constant(1),
          data: bytes(16, 16).map((home) => joined(new Uint8Array(4), home)),
        }),
        fc.record({
          routingType: fc.constant(4),
          segmentsLeft: fc.constant(1),
          data: bytes(32, 32).map((segments) => joined(Uint8Array.of(1, 0, 0, 0), segments)),
        }),
      ),
      { nil: undefined },
    ),
    fc.option(fragment, { nil: undefined }),
    fc.option(authentication, { nil: undefined }),
    fc.option(fixed('010400000000'), { nil: undefined }),
  )
  .map(([hopByHop, routing, part, authenticated, destination]): Ipv6Extension[] =>
    [
      hopByHop && ({ kind: 'hopByHop', options: hopByHop } as const),
      routing && ({ kind: 'routing', ...routing } as const),
      part,
      authenticated,
      destination && ({ kind: 'destination', options: destination } as const),
    ].filter((each) => each !== undefined),
  );

export const SOUND: Contents = {
  ...ANYTHING,
  tpids: fc.constantFrom([], [0x8100], [0x8100, 0x8100], [0x88a8, 0x8100], [0x88a8, 0x8100, 0x8100]),
  // One chunk of data: no more than its header and what fills it.
  chunks: fc
    .tuple(u32, u16, u16, bytes(4, 4))
    .map(([tsn, stream, number, data]) =>
      joined(
        Uint8Array.of(0, 3, 0, 20),
        Uint8Array.of(tsn >>> 24, tsn >>> 16, tsn >>> 8, tsn),
        Uint8Array.of(stream >>> 8, stream, number >>> 8, number),
        new Uint8Array(4),
        data,
      ),
    ),
  ethType: fc.constantFrom(0x88b5, 0x88b6),
  label: fc.integer({ min: 16, max: 0xfffff }),
  llc: fc.constant({ dsap: 0x80, ssap: 0x80, control: 3 }),
  snapOui: fc.constant(0x00000b),
  arpOperation: fc.constantFrom(1, 2),
  lldp: fc.record({
    chassisId: soundId,
    portId: soundId,
    ttl: u16,
    own: fc.array(fc.record({ oui: fc.constant(0x00000b), subtype: byte, value: bytes(0, 100) }), { maxLength: 2 }),
    others: fc.tuple(tlv(5, ascii(1, 30).map(asBytes)), tlv(7, fixed('00140004'))).chain((all) => fc.subarray(all)),
  }),
  // No operation, router alert.
  ipv4Options: fixed('', '01010101', '94040000', '0101010194040000'),
  // Largest segment; SACK permitted; window scale.
  tcpOptions: fixed('', '020405b4', '01010402', '020405b40101040201030307'),
  extensions: soundExtensions,
  icmp: fc.record({ type: fc.constantFrom(0, 8), code: fc.constant(0), identifier: u16, sequence: u16 }),
  icmpv6: fc.record({ type: fc.constantFrom(128, 129), code: fc.constant(0), identifier: u16, sequence: u16 }),
  igmpType: fc.constantFrom(0x11, 0x16, 0x17),
  igmpPayload: fc.constant(new Uint8Array(0)),
  // Of what a redirect quotes, tshark reads eight bytes (RFC 792).
  icmpErrors: fc.constantFrom(3, 4, 11, 12),
  code: fc.constant(0),
  // The bytes before tell of extensions behind what is quoted (RFC 4884).
  errorWord: u16,
  ndOptions: fc
    .tuple(
      tlv(1, bytes(6, 6)),
      tlv(2, bytes(6, 6)),
      tlv(
        5,
        u32.map((mtu) => Uint8Array.of(0, 0, mtu >>> 24, mtu >>> 16, mtu >>> 8, mtu)),
      ),
    )
    .chain((all) => fc.subarray(all)),
  text: (maxLength) => ascii(0, maxLength),
  dhcpOptions: fc
    .tuple(
      option(12, ascii(1, 20).map(asBytes)),
      option(1, anAddress),
      option(3, anAddress),
      option(50, anAddress),
      option(51, anAddress),
      option(54, anAddress),
    )
    .chain((all) => fc.subarray(all))
    .chain((others) =>
      option(
        53,
        bytes(1, 1).map(([value]) => Uint8Array.of(1 + (value! % 8))),
      ).map((type) => [type, ...others]),
    ),
  dnsName: hostName,
  dnsType: fc.constant(65_280),
  dnsClass: fc.constant(1),
  opcode: fc.constant(0),
};
