/** A packet's way through one `ct` action: found or new, its state, NAT, mark and label (ovs-actions(7)). */

import {
  type Connection,
  type ConnectionTable,
  type Direction,
  isPlain,
  NAT_DESTINATION,
  NAT_SOURCE,
} from './connection.ts';
import { createExtractor, type Extracted, PROTOCOL } from './extract.ts';
import { beginsIcmp, updateIcmp } from './icmp.ts';
import { chooseTranslation, natFlags } from './nat.ts';
import { updateOther } from './other.ts';
import type { TrackedPacket } from './packet.ts';
import type { TrackRequest } from './request.ts';
import {
  ANY_NAT,
  type CachedConnection,
  type ConntrackState,
  CT_STATE,
  isIcmp,
  NO_LABEL,
  originalOf,
} from './state.ts';
import { beginsTcp, newTcpPeers, updateTcp } from './tcp.ts';
import { TIMEOUT } from './timeouts.ts';
import { translate } from './translate.ts';
import { copyTuple, emptyTuple, reverseTuple, type Tuple } from './tuple.ts';
import { VERDICT } from './verdict.ts';

export interface PassOptions {
  table: ConnectionTable;
  /** 0 … 1, 1 excluded; the same sequence in every run. */
  random(): number;
  /** Whether a zone may have one more. */
  admits(zone: number, now: number): boolean;
}

export interface Pass {
  /** The packet is whole. It gets its `ct`. */
  track(packet: TrackedPacket, request: TrackRequest, now: number): void;
}

/** What a packet has that can be told to no connection. */
export function invalidState(zone: number): ConntrackState {
  const state = CT_STATE.invalid | CT_STATE.tracked;
  return { state, zone, mark: 0, label: NO_LABEL, original: undefined, cached: undefined };
}

export function createPass({ table, random, admits }: PassOptions): Pass {
  const { extract } = createExtractor();
  const secret = Math.floor(random() * 2 ** 32);
  const other = emptyTuple();
  /** Of the packet at hand, bits of CT_STATE. */
  let state = 0;

  /** Its direction in the table, NAT of an earlier pass undone. `extracted.tuple` becomes that direction's. */
  function find({ tuple }: Extracted, now: number): Direction | undefined {
    if ((state & ANY_NAT) === 0) return table.find(tuple, now);
    const back = table.find(reverseTuple(tuple, other), now);
    if (back === undefined) return table.find(tuple, now);
    const { connection } = back;
    copyTuple(back.reply ? connection.original : connection.reply, tuple);
    return { connection, tuple, reply: !back.reply, next: undefined };
  }

  /** True where the packet begins another connection. */
  function update(packet: TrackedPacket, found: Direction, { l4, end, related }: Extracted, now: number): boolean {
    const { connection, reply } = found;
    if (related) {
      state |= CT_STATE.related;
      if (reply) state |= CT_STATE.reply;
      return false;
    }
    const { tcp, original } = connection;
    let verdict: number;
    if (tcp !== undefined) verdict = updateTcp(connection, tcp, reply, packet.frame, l4, end, now);
    else if (isIcmp(original)) verdict = updateIcmp(connection, reply, now);
    else verdict = updateOther(connection, reply, now);
    if (verdict === VERDICT.valid) {
      state = (state | CT_STATE.established) & ~CT_STATE.new;
      if (reply) state |= CT_STATE.reply;
    } else if (verdict === VERDICT.stillNew) state |= CT_STATE.new;
    else if (verdict === VERDICT.invalid) state = CT_STATE.invalid;
    else {
      table.replace(connection);
      return true;
    }
    return false;
  }

  function translateWith(
    packet: TrackedPacket,
    extracted: Extracted,
    { original, reply: answer, nat }: Connection,
    reply: boolean,
  ): void {
    const action = !reply ? nat : nat === NAT_SOURCE ? NAT_DESTINATION : nat === NAT_DESTINATION ? NAT_SOURCE : 0;
    if (action === NAT_SOURCE) state |= CT_STATE.sourceNat;
    else if (action === NAT_DESTINATION) state |= CT_STATE.destinationNat;
    translate(packet.frame, packet.l3, extracted, reply ? original : answer, action);
  }

  /** What an earlier pass in the zone found, NAT undone or done only now. */
  function translateCached(packet: TrackedPacket, { connection, reply, related }: CachedConnection): void {
    if (connection.nat === 0 || (state & ANY_NAT) !== 0) return;
    const extracted = extract(packet.frame, packet.l3, packet.ethType, connection.original.zone);
    if (extracted === undefined) return;
    extracted.related = related;
    translateWith(packet, extracted, connection, reply);
  }

  /** A connection that the packet begins; undefined where it is not committed, or cannot be. */
  function begin(
    packet: TrackedPacket,
    extracted: Extracted,
    { zone, commit, nat }: TrackRequest,
    now: number,
  ): Connection | undefined {
    const { tuple, l4, end } = extracted;
    if (!mayBegin(packet.frame, extracted)) {
      state = CT_STATE.invalid;
      return undefined;
    }
    state = CT_STATE.new;
    if (!commit || !admits(zone, now)) return undefined;
    const original = copyTuple(tuple, emptyTuple());
    const reply = reverseTuple(tuple, emptyTuple());
    const connection: Connection = {
      ...{ original, reply, shown: originalOf(original), mark: 0, label: NO_LABEL },
      nat: nat === undefined ? 0 : natFlags(nat),
      translated: nat !== undefined,
      over: false,
      expires: now + firstTimeout(tuple.protocol),
      phase: 0,
      tcp: tuple.protocol === PROTOCOL.tcp ? newTcpPeers(packet.frame, l4, end) : undefined,
    };
    if (nat !== undefined) {
      const free = (each: Tuple) => table.find(each, now) === undefined;
      if (!chooseTranslation({ request: nat, original, reply, free, secret, random })) return undefined;
      translateWith(packet, extracted, connection, false);
    }
    table.add(connection);
    return connection;
  }

  function settle(
    packet: TrackedPacket,
    { zone, mark, label }: TrackRequest,
    connection: Connection | undefined,
    original: ConntrackState['original'],
    cached: CachedConnection | undefined,
  ): void {
    if (connection !== undefined) {
      if (mark !== undefined) connection.mark = ((mark.value & mark.mask) | (connection.mark & ~mark.mask)) >>> 0;
      if (label !== undefined) {
        const { value, mask } = label;
        connection.label = connection.label.map((word, i) => ((value[i]! & mask[i]!) | (word & ~mask[i]!)) >>> 0);
      }
    }
    packet.ct = {
      state,
      zone,
      mark: connection?.mark ?? 0,
      label: connection?.label ?? NO_LABEL,
      original,
      cached,
    };
  }

  return {
    track(packet, request, now) {
      const { zone, force, nat } = request;
      const before = packet.ct;
      const cached = before?.cached;
      // Every zone sees the packet afresh.
      state = before !== undefined && before.zone === zone ? before.state : 0;
      if (cached !== undefined && cached.connection.original.zone === zone && !force) {
        if (nat !== undefined) translateCached(packet, cached);
        settle(packet, request, cached.connection, before!.original, nat === undefined ? cached : undefined);
        return;
      }
      const extracted = extract(packet.frame, packet.l3, packet.ethType, zone);
      if (extracted === undefined) {
        packet.ct = invalidState(zone);
        return;
      }
      let found = find(extracted, now);
      if (found?.connection.over === true) {
        packet.ct = invalidState(zone);
        return;
      }
      // Open vSwitch does not see that a reply to a translated address is one.
      if (force && found?.reply === true && isPlain(found.connection)) {
        table.replace(found.connection);
        found = undefined;
      }
      let connection = found?.connection;
      let anew = false;
      if (found !== undefined) {
        anew = update(packet, found, extracted, now);
        if (nat !== undefined && !anew && found.connection.nat !== 0 && (state & ANY_NAT) === 0) {
          translateWith(packet, extracted, found.connection, found.reply);
        }
      } else if (extracted.related) state = CT_STATE.invalid;
      else anew = true;
      // What was replaced may still be in the way.
      if (anew && table.find(extracted.tuple, now) === undefined) {
        connection = begin(packet, extracted, request, now);
      }
      state |= CT_STATE.tracked;
      const original = connection?.shown ?? originalOf(extracted.tuple);
      const next =
        nat !== undefined || connection === undefined
          ? undefined
          : { connection, reply: found?.reply ?? false, related: extracted.related };
      settle(packet, request, connection, original, next);
    },
  };
}

function firstTimeout(protocol: number): number {
  if (protocol === PROTOCOL.tcp) return TIMEOUT.tcpFirstPacket;
  return protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6 ? TIMEOUT.icmpFirst : TIMEOUT.otherFirst;
}

function mayBegin(frame: Uint8Array, { tuple, l4 }: Extracted): boolean {
  if (tuple.protocol === PROTOCOL.tcp) return beginsTcp(frame, l4);
  return !isIcmp(tuple) || beginsIcmp(tuple.protocol, frame[l4]);
}
