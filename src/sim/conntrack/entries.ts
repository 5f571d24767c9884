/** What conntrack holds, as plain data (what `ovs-appctl dpctl/dump-conntrack -m -s` shows). */

import type { Connection, ConnectionTable } from './connection.ts';
import { isIcmp } from './state.ts';
import { TCP_STATE, type TcpPeer } from './tcp.ts';
import { destinationWords, sourceWords, type Tuple } from './tuple.ts';

export interface EntryTuple {
  /** Unsigned words, most significant first: one of IPv4, four of IPv6. */
  src: readonly number[];
  dst: readonly number[];
  /** 0 of ICMP and of protocols without ports. */
  srcPort: number;
  dstPort: number;
  /** Of ICMP alone. */
  icmp?: { id: number; type: number; code: number };
}

export interface ConntrackEntry {
  zone: number;
  protocol: number;
  original: EntryTuple;
  reply: EntryTuple;
  mark: number;
  /** Four words, most significant first. */
  label: readonly number[];
  /** Whole seconds that it lives on without a packet. */
  timeout: number;
  /** States of both sides, as SYN_SENT. */
  tcp?: { original: string; reply: string };
}

const TCP_NAMES: ReadonlyMap<number, string> = new Map([
  [TCP_STATE.closed, 'CLOSED'],
  [TCP_STATE.listen, 'LISTEN'],
  [TCP_STATE.synSent, 'SYN_SENT'],
  [TCP_STATE.synReceived, 'SYN_RECV'],
  [TCP_STATE.established, 'ESTABLISHED'],
  [TCP_STATE.closeWait, 'CLOSE_WAIT'],
  [TCP_STATE.finWait1, 'FIN_WAIT_1'],
  [TCP_STATE.closing, 'CLOSING'],
  [TCP_STATE.lastAck, 'LAST_ACK'],
  [TCP_STATE.finWait2, 'FIN_WAIT_2'],
  [TCP_STATE.timeWait, 'TIME_WAIT'],
]);

/** Those that are not over, in the order in which they were committed. */
export function listEntries(table: ConnectionTable, now: number): ConntrackEntry[] {
  return [...table.all].filter(({ expires }) => expires > now).map((connection) => entryOf(connection, now));
}

function entryOf({ original, reply, mark, label, expires, tcp }: Connection, now: number): ConntrackEntry {
  const state = ({ state }: TcpPeer) => TCP_NAMES.get(state) ?? '';
  return {
    ...{ zone: original.zone, protocol: original.protocol },
    ...{ original: tupleOf(original), reply: tupleOf(reply), mark, label },
    timeout: Math.floor((expires - now) / 1000),
    ...(tcp === undefined ? {} : { tcp: { original: state(tcp[0]), reply: state(tcp[1]) } }),
  };
}

function tupleOf(tuple: Tuple): EntryTuple {
  const addresses = { src: sourceWords(tuple), dst: destinationWords(tuple) };
  if (!isIcmp(tuple)) return { ...addresses, srcPort: tuple.srcPort, dstPort: tuple.dstPort };
  const icmp = { id: tuple.srcPort & 0xffff, type: tuple.srcPort >>> 16, code: 0 };
  return { ...addresses, srcPort: 0, dstPort: 0, icmp };
}
