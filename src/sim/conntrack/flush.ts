/** Which connections a flush ends (nicira-ext.h's NXT_CT_FLUSH; `ovs-ofctl ct-flush`). */

import { type Connection, type ConnectionTable, isPlain } from './connection.ts';
import { answerTo } from './icmp.ts';
import { IPV4, IPV6 } from './ip-header.ts';
import { isIcmp } from './state.ts';
import { destinationWords, sourceWords, type Tuple } from './tuple.ts';

/** What is not said, or is zero, may be anything. */
export interface FlushTuple {
  /** Unsigned words, most significant first: one of IPv4, four of IPv6. */
  src?: readonly number[];
  dst?: readonly number[];
  srcPort?: number;
  dstPort?: number;
  icmpId?: number;
  icmpType?: number;
}

export interface FlushRequest {
  /** undefined: any; but 0 where `original` is complete and `reply` says nothing. */
  zone?: number | undefined;
  /** 0: any. */
  protocol: number;
  original: FlushTuple;
  reply: FlushTuple;
}

/** Ends what the request names; how many that were. */
export function flushConnections(table: ConnectionTable, request: FlushRequest, now: number): number {
  const { zone, protocol, original, reply } = request;
  const exact = isEmpty(reply) ? completeTuple(request) : undefined;
  const ended: Connection[] = [];
  if (exact !== undefined) {
    const found = table.find(exact, now);
    // Open vSwitch does not know a translated connection by its replies.
    if (found !== undefined && !found.connection.over && (!found.reply || isPlain(found.connection))) {
      ended.push(found.connection);
    }
  } else {
    for (const connection of table.all) {
      if (zone !== undefined && connection.original.zone !== zone) continue;
      if (protocol !== 0 && (connection.original.protocol !== protocol || isIcmp(connection.original))) continue;
      if (fits(original, connection.original) && fits(reply, connection.reply)) ended.push(connection);
    }
  }
  for (const connection of ended) table.remove(connection);
  return ended.length;
}

function isEmpty({ src, dst, srcPort = 0, dstPort = 0 }: FlushTuple): boolean {
  return isZero(src) && isZero(dst) && srcPort === 0 && dstPort === 0;
}

function isZero(words: readonly number[] | undefined): boolean {
  return words === undefined || words.every((word) => word === 0);
}

/** Of a request that leaves nothing of the original direction open. */
function completeTuple({ zone = 0, protocol, original }: FlushRequest): Tuple | undefined {
  const { src = [], dst = [], srcPort = 0, dstPort = 0, icmpId = 0, icmpType = 0 } = original;
  if (protocol === 0 || isZero(src) || isZero(dst)) return undefined;
  const tuple = {
    ...{ zone, ethType: src.length === 1 ? IPV4 : IPV6, protocol },
    ...{ src0: src[0]! | 0, src1: src[1]! | 0, src2: src[2]! | 0, src3: src[3]! | 0 },
    ...{ dst0: dst[0]! | 0, dst1: dst[1]! | 0, dst2: dst[2]! | 0, dst3: dst[3]! | 0 },
    ...{ srcPort, dstPort },
  };
  if (isIcmp(tuple)) {
    tuple.srcPort = (icmpType << 16) | icmpId;
    tuple.dstPort = (answerTo(tuple.ethType, icmpType) << 16) | icmpId;
  } else if (srcPort === 0 || dstPort === 0) return undefined;
  return tuple;
}

function fits({ src, dst, srcPort = 0, dstPort = 0 }: FlushTuple, tuple: Tuple): boolean {
  if (!isZero(src) && !sameWords(src!, sourceWords(tuple))) return false;
  if (!isZero(dst) && !sameWords(dst!, destinationWords(tuple))) return false;
  return (srcPort === 0 || srcPort === tuple.srcPort) && (dstPort === 0 || dstPort === tuple.dstPort);
}

function sameWords(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}
