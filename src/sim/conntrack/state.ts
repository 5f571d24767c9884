/** What conntrack tells of a packet: ct_state's bits (ovs-fields(7)), zone, mark, label and the original direction. */

import type { Connection } from './connection.ts';
import { destinationWords, sourceWords, type Tuple } from './tuple.ts';

/** Bits of ct_state. */
export const CT_STATE = {
  new: 1,
  established: 2,
  related: 4,
  reply: 8,
  invalid: 16,
  tracked: 32,
  sourceNat: 64,
  destinationNat: 128,
} as const;

export const ANY_NAT = CT_STATE.sourceNat | CT_STATE.destinationNat;

/** What ct_nw_src … ct_tp_dst, ct_ipv6_src and ct_ipv6_dst show. */
export interface OriginalTuple {
  /** 0x0800 or 0x86dd. */
  ethType: number;
  protocol: number;
  /** Unsigned words, most significant first: one of IPv4, four of IPv6. */
  src: readonly number[];
  dst: readonly number[];
  /** Of an ICMP query: its type. */
  srcPort: number;
  /** Of an ICMP query: its code, which is 0. */
  dstPort: number;
}

/** Never changed once a packet has it, so copies of a packet may share it. */
export interface ConntrackState {
  /** Bits of CT_STATE. */
  state: number;
  zone: number;
  mark: number;
  /** Four words, most significant first. */
  label: readonly number[];
  /** undefined where the packet could not be told to any connection. */
  original: OriginalTuple | undefined;
  /** Conntrack's own: what spares a further pass in the same zone the lookup. */
  cached: CachedConnection | undefined;
}

export interface CachedConnection {
  readonly connection: Connection;
  readonly reply: boolean;
  readonly related: boolean;
}

export const NO_LABEL: readonly number[] = Object.freeze([0, 0, 0, 0]);

export function originalOf(tuple: Tuple): OriginalTuple {
  const { ethType, protocol } = tuple;
  const icmp = isIcmp(tuple);
  return {
    ethType,
    protocol,
    src: sourceWords(tuple),
    dst: destinationWords(tuple),
    srcPort: icmp ? tuple.srcPort >>> 16 : tuple.srcPort,
    dstPort: icmp ? 0 : tuple.dstPort,
  };
}

/** Of either version, in whichever version of IP it is. */
export function isIcmp({ protocol }: Tuple): boolean {
  return protocol === 1 || protocol === 58;
}
