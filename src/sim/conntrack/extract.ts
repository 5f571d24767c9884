/** The tuple by which a packet finds its connection; of an ICMP error (RFC 792, RFC 4443) that of what it quotes. */

import { u16 } from '../../packet/bytes.ts';
import { checksum } from '../../packet/checksum.ts';
import { transportChecksumAt } from './checksum.ts';
import { ICMP_ERRORS, ICMP_QUERIES, ICMPV6_ERRORS, ICMPV6_QUERIES } from './icmp.ts';
import { IPV4, IPV6, type IpPlace, locateIp, locateQuoted, readAddresses } from './ip-header.ts';
import { copyTuple, emptyTuple, reverseTuple, type Tuple } from './tuple.ts';

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** Filled anew for each packet. */
export interface Extracted extends IpPlace {
  tuple: Tuple;
  /** It is an ICMP error, and `tuple` that of a packet of the other direction of what it quotes. */
  related: boolean;
  /** The quoted packet, its addresses and transport. */
  quotedL3: number;
  quotedL4: number;
}

export function emptyExtracted(): Extracted {
  return {
    ...{ protocol: 0, l4: 0, end: 0, fragment: false, fragmentHeader: -1 },
    ...{ tuple: emptyTuple(), related: false, quotedL3: 0, quotedL4: 0 },
  };
}

export interface Extractor {
  /** Of the packet whose IP header is at `l3`; undefined where it cannot be tracked. The next call overwrites it. */
  extract(frame: Uint8Array, l3: number, ethType: number, zone: number): Extracted | undefined;
}

export function createExtractor(): Extractor {
  const extracted = emptyExtracted();
  const { tuple } = extracted;
  const quoted: IpPlace = { protocol: 0, l4: 0, end: 0, fragment: false, fragmentHeader: -1 };
  const inner = emptyTuple();

  function quotes(frame: Uint8Array, ethType: number): boolean {
    const l3 = extracted.l4 + 8;
    if (!locateQuoted(frame, l3, extracted.end, ethType, quoted)) return false;
    readAddresses(frame, l3, ethType, inner);
    // An error goes to whom sent what it quotes.
    if (inner.src0 !== tuple.dst0 || inner.src1 !== tuple.dst1) return false;
    if (inner.src2 !== tuple.dst2 || inner.src3 !== tuple.dst3) return false;
    inner.zone = tuple.zone;
    inner.protocol = quoted.protocol;
    if (!readQuotedPorts(frame, quoted, inner)) return false;
    reverseTuple(copyTuple(inner, tuple), tuple);
    extracted.related = true;
    extracted.quotedL3 = l3;
    extracted.quotedL4 = quoted.l4;
    return true;
  }

  return {
    extract(frame, l3, ethType, zone) {
      if (!locateIp(frame, l3, ethType, extracted)) return undefined;
      if (ethType === IPV4 && checksum(frame, l3, extracted.l4) !== 0) return undefined;
      const { protocol, l4, end } = extracted;
      readAddresses(frame, l3, ethType, tuple);
      tuple.zone = zone;
      tuple.protocol = protocol;
      tuple.srcPort = 0;
      tuple.dstPort = 0;
      extracted.related = false;
      if (!soundTransport(frame, l3, ethType, extracted)) return undefined;
      if (!isIcmpOf(ethType, protocol)) return readPorts(frame, l4, protocol, tuple) ? extracted : undefined;
      if (end - l4 < 8) return undefined;
      if (readQuery(frame, l4, ethType, tuple)) return extracted;
      const errors = ethType === IPV4 ? ICMP_ERRORS : ICMPV6_ERRORS;
      return errors.has(frame[l4]!) && quotes(frame, ethType) ? extracted : undefined;
    },
  };
}

function isIcmpOf(ethType: number, protocol: number): boolean {
  return protocol === (ethType === IPV4 ? PROTOCOL.icmp : PROTOCOL.icmpv6);
}

/** Lengths and checksum are right. */
function soundTransport(frame: Uint8Array, l3: number, ethType: number, { protocol, l4, end }: IpPlace): boolean {
  const size = end - l4;
  switch (protocol) {
    case PROTOCOL.tcp: {
      if (size < 20) return false;
      const headerLength = (frame[l4 + 12]! >>> 4) * 4;
      if (headerLength < 20 || headerLength > size) return false;
      return transportChecksumAt(frame, l3, ethType, protocol, l4, end) === 0;
    }
    case PROTOCOL.udp: {
      if (size < 8) return false;
      const length = u16(frame, l4 + 4);
      if (length < 8 || length > size) return false;
      if (ethType === IPV4 && u16(frame, l4 + 6) === 0) return true;
      return transportChecksumAt(frame, l3, ethType, protocol, l4, end) === 0;
    }
    case PROTOCOL.icmp:
      return ethType === IPV4 ? checksum(frame, l4, end) === 0 : true;
    case PROTOCOL.icmpv6:
      return ethType === IPV6 ? transportChecksumAt(frame, l3, ethType, protocol, l4, end) === 0 : true;
    default:
      return true;
  }
}

/** Port 0 is none. Other protocols have 0, SCTP among them. */
function readPorts(frame: Uint8Array, l4: number, protocol: number, tuple: Tuple): boolean {
  tuple.srcPort = 0;
  tuple.dstPort = 0;
  if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp) return true;
  tuple.srcPort = u16(frame, l4);
  tuple.dstPort = u16(frame, l4 + 2);
  return tuple.srcPort !== 0 && tuple.dstPort !== 0;
}

function readQuery(frame: Uint8Array, l4: number, ethType: number, tuple: Tuple): boolean {
  const type = frame[l4]!;
  const answer = (ethType === IPV4 ? ICMP_QUERIES : ICMPV6_QUERIES).get(type);
  if (answer === undefined || frame[l4 + 1] !== 0) return false;
  const identifier = u16(frame, l4 + 4);
  tuple.srcPort = (type << 16) | identifier;
  tuple.dstPort = (answer << 16) | identifier;
  return true;
}

/** Of what an ICMP error quotes, eight bytes of the transport are enough; ICMPv6 has room for the whole header. */
function readQuotedPorts(frame: Uint8Array, { protocol, l4, end }: IpPlace, tuple: Tuple): boolean {
  const { ethType } = tuple;
  const icmp = isIcmpOf(ethType, protocol);
  const ports = protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp;
  const least = protocol === PROTOCOL.tcp && ethType !== IPV4 ? 20 : 8;
  if ((icmp || ports) && end - l4 < least) return false;
  return icmp ? readQuery(frame, l4, ethType, tuple) : readPorts(frame, l4, protocol, tuple);
}
