/**
 * Connection tracking with NAT as Open vSwitch 3.1's userspace datapath has it (ovs-actions(7), ovs-fields(7)). All of
 * time is what the caller says it is, and all of chance comes from the caller.
 *
 * What differs: a connection whose time is up is gone at once, where Open vSwitch may find replies of a translated
 * one invalid until its next sweep. Among several addresses or ports that NAT may take, another hash chooses: that of
 * Open vSwitch has a secret of its process. Helpers (`alg`) are not simulated. Where a connection is replaced (SYN over
 * a closed one, `force`) that has NAT but kept its addresses and ports, Open vSwitch 3.1 crashes; here it is replaced.
 */

import { createConnectionTable } from './connection.ts';
import { type ConntrackEntry, listEntries } from './entries.ts';
import { type FlushRequest, flushConnections } from './flush.ts';
import { createFragments, type Fragment } from './fragments.ts';
import type { TrackedPacket } from './packet.ts';
import { createPass, invalidState } from './pass.ts';
import { bringBack, reassemble } from './reassembly.ts';
import type { TrackRequest } from './request.ts';
import { CT_STATE } from './state.ts';

export interface ConntrackOptions {
  /** 0 … 1, 1 excluded; the same sequence in every run. */
  random(): number;
  limits?: {
    /** Of all zones together. */
    connections?: number;
  };
}

/** P: what the caller hangs on its packets besides what conntrack knows of them. */
export interface Conntrack<P extends TrackedPacket> {
  /**
   * Through one `ct` action at `now` (ms): NAT changes the frame's bytes, `ct` is set. What goes on is given back:
   * nothing while a fragment is held; all fragments of a packet, in order, once the last has come; and with any packet,
   * fragments that were held too long, whose state is `invalid` alone. Those go on as the packet would, by their own
   * fields.
   */
  track(packet: P, request: TrackRequest, now: number): P[];
  /** Ends all connections of a zone, or of all. */
  flushZone(zone: number | undefined): void;
  /** Ends what a tuple names; how many that were. */
  flush(request: FlushRequest, now: number): number;
  entries(now: number): ConntrackEntry[];
  /** How many fragments wait for the rest of their packet. */
  heldFragments(now: number): number;
  /** Forgets what is over, as of itself every 20 s of time in which packets come. */
  sweep(now: number): void;
  /** How many a zone may have, or every zone without a limit of its own; undefined: no limit of its own any more. */
  setZoneLimit(zone: number | 'default', limit: number | undefined): void;
}

const MOST_CONNECTIONS = 3_000_000;
const SWEEP_INTERVAL = 20_000;
/** Packets that go on together; fragments that have no room in it go on with the next packet. */
const BATCH = 32;

export function createConntrack<P extends TrackedPacket>({ random, limits = {} }: ConntrackOptions): Conntrack<P> {
  const table = createConnectionTable();
  const most = limits.connections ?? MOST_CONNECTIONS;
  const zoneLimits = new Map<number | 'default', number>();
  const pass = createPass({ table, random, admits });
  const fragments = createFragments<P>();
  /** Fragments that are done with, and could not go on yet. */
  let leaving: P[] = [];
  let nextSweep = 0;

  function admits(zone: number, now: number): boolean {
    const limit = zoneLimits.get(zone) ?? zoneLimits.get('default');
    const full = () => table.all.size >= most || (limit !== undefined && table.count(zone) >= limit);
    if (full()) table.sweep(now);
    return !full();
  }

  function trackReassembled(list: Fragment<P>[], request: TrackRequest, now: number): void {
    const whole = reassemble(list);
    pass.track(whole, request, now);
    bringBack(whole, list);
    for (const { packet } of list) leaving.push(packet);
  }

  /** What was held and may go on beside what goes on anyway. */
  function release(through: P[], now: number): P[] {
    if (leaving.length < BATCH - through.length) {
      for (const late of fragments.expired(now)) {
        late.ct = { ...invalidState(0), state: CT_STATE.invalid };
        leaving.push(late);
      }
    }
    if (leaving.length === 0) return through;
    const room = BATCH - through.length;
    const together = [...through, ...leaving.slice(0, room)];
    leaving = leaving.slice(room);
    return together;
  }

  return {
    track(packet, request, now) {
      if (now >= nextSweep) {
        table.sweep(now);
        nextSweep = now + SWEEP_INTERVAL;
      }
      const verdict = fragments.take(packet, request.zone, now);
      if (verdict === 'held') return release([], now);
      if (typeof verdict !== 'string') {
        trackReassembled(verdict, request, now);
        return release([], now);
      }
      if (verdict === 'invalid') packet.ct = invalidState(request.zone);
      else pass.track(packet, request, now);
      return release([packet], now);
    },
    flushZone: (zone) => table.clear(zone),
    flush: (request, now) => flushConnections(table, request, now),
    entries: (now) => listEntries(table, now),
    heldFragments: (now) => fragments.count(now) + leaving.length,
    sweep: (now) => table.sweep(now),
    setZoneLimit(zone, limit) {
      if (limit === undefined) zoneLimits.delete(zone);
      else zoneLimits.set(zone, limit);
    },
  };
}
