/**
 * What tells the packets of one direction of a connection: zone, protocol, addresses and ports (RFC 2663's session
 * with Open vSwitch's zone). Numbers alone, so that none of it is built as text or as BigInt for a packet.
 */

export interface Tuple {
  zone: number;
  /** 0x0800 or 0x86dd. */
  ethType: number;
  protocol: number;
  /** Words of the address, signed, most significant first; an IPv4 address has only the first. */
  src0: number;
  src1: number;
  src2: number;
  src3: number;
  dst0: number;
  dst1: number;
  dst2: number;
  dst3: number;
  /** Port; of an ICMP query its identifier and, from bit 16 on, its type. */
  srcPort: number;
  /** Port; of an ICMP query its identifier and, from bit 16 on, the type that answers. */
  dstPort: number;
}

export function emptyTuple(): Tuple {
  return {
    ...{ zone: 0, ethType: 0, protocol: 0 },
    ...{ src0: 0, src1: 0, src2: 0, src3: 0 },
    ...{ dst0: 0, dst1: 0, dst2: 0, dst3: 0 },
    ...{ srcPort: 0, dstPort: 0 },
  };
}

export function copyTuple(from: Tuple, to: Tuple): Tuple {
  to.zone = from.zone;
  to.ethType = from.ethType;
  to.protocol = from.protocol;
  to.src0 = from.src0;
  to.src1 = from.src1;
  to.src2 = from.src2;
  to.src3 = from.src3;
  to.dst0 = from.dst0;
  to.dst1 = from.dst1;
  to.dst2 = from.dst2;
  to.dst3 = from.dst3;
  to.srcPort = from.srcPort;
  to.dstPort = from.dstPort;
  return to;
}

/** `to` gets the other direction of `from`; they may be the same. */
export function reverseTuple(from: Tuple, to: Tuple): Tuple {
  const { src0, src1, src2, src3, srcPort } = from;
  to.zone = from.zone;
  to.ethType = from.ethType;
  to.protocol = from.protocol;
  to.src0 = from.dst0;
  to.src1 = from.dst1;
  to.src2 = from.dst2;
  to.src3 = from.dst3;
  to.srcPort = from.dstPort;
  to.dst0 = src0;
  to.dst1 = src1;
  to.dst2 = src2;
  to.dst3 = src3;
  to.dstPort = srcPort;
  return to;
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.src0 === b.src0 &&
    a.dst0 === b.dst0 &&
    a.srcPort === b.srcPort &&
    a.dstPort === b.dstPort &&
    a.protocol === b.protocol &&
    a.zone === b.zone &&
    a.ethType === b.ethType &&
    a.src1 === b.src1 &&
    a.src2 === b.src2 &&
    a.src3 === b.src3 &&
    a.dst1 === b.dst1 &&
    a.dst2 === b.dst2 &&
    a.dst3 === b.dst3
  );
}

/** 30 bits: a small integer in every engine. */
export function hashTuple(tuple: Tuple): number {
  let hash = mix(tuple.src0, tuple.dst0);
  hash = mix(hash, tuple.srcPort ^ (tuple.dstPort << 11));
  hash = mix(hash, tuple.zone ^ (tuple.protocol << 16));
  if (tuple.ethType !== 0x0800) {
    hash = mix(mix(mix(hash, tuple.src1), tuple.src2), tuple.src3);
    hash = mix(mix(mix(hash, tuple.dst1), tuple.dst2), tuple.dst3);
  }
  return hash & 0x3fffffff;
}

/** One more word into a hash, all bits of both in all bits of the result (the multipliers are odd, without pattern). */
export function mix(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + Math.imul(word, 0x297a2d39);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x5bd1e995);
  return mixed ^ (mixed >>> 15);
}

/** Words of the source address, unsigned: one of IPv4, four of IPv6. */
export function sourceWords(tuple: Tuple): number[] {
  if (tuple.ethType === 0x0800) return [tuple.src0 >>> 0];
  return [tuple.src0 >>> 0, tuple.src1 >>> 0, tuple.src2 >>> 0, tuple.src3 >>> 0];
}

export function destinationWords(tuple: Tuple): number[] {
  if (tuple.ethType === 0x0800) return [tuple.dst0 >>> 0];
  return [tuple.dst0 >>> 0, tuple.dst1 >>> 0, tuple.dst2 >>> 0, tuple.dst3 >>> 0];
}
