/**
 * Fragments held until their packet is whole (RFC 791, 3.2; RFC 8200, 4.5), within the bounds of Open vSwitch's
 * userspace datapath. What waits too long goes on with the next packet, told to be invalid.
 */

import { u16, u32 } from '../../packet/bytes.ts';
import { checksum } from '../../packet/checksum.ts';
import { emptyExtracted } from './extract.ts';
import { IPV4, locateIp, readAddresses } from './ip-header.ts';
import type { TrackedPacket } from './packet.ts';
import { copyTuple, emptyTuple, sameTuple, type Tuple } from './tuple.ts';

/** Shorter frames are refused, last fragments excepted. */
const MINIMUM_IPV4 = 1200;
const MINIMUM_IPV6 = 1280;
/** Held at a time, of all packets. */
const MOST_FRAGMENTS = 1000;
/** Of one IPv4 packet: a longest one in fragments of the shortest length. */
const MOST_OF_IPV4 = 58;
const TIMEOUT = 15_000;
/** What nothing came after for so long beyond that is thrown away. */
const GRACE = 10_000;
/** What the length's field of a header can hold. */
const LONGEST = 0xffff;

export interface Fragment<P extends TrackedPacket = TrackedPacket> {
  packet: P;
  /** First and last byte of the whole packet's payload that it has. */
  start: number;
  end: number;
  /** Where in its frame they are. */
  data: number;
  /** Of IPv6, where its fragment header is. */
  header: number;
}

/**
 * `whole`: goes its way. `invalid`: likewise, and is told so. `held`: comes back later. A list: all of a packet, in
 * order.
 */
export type FragmentVerdict<P extends TrackedPacket> = 'whole' | 'invalid' | 'held' | Fragment<P>[];

export interface Fragments<P extends TrackedPacket> {
  take(packet: P, zone: number, now: number): FragmentVerdict<P>;
  /** The fragments of one packet that were held too long. */
  expired(now: number): P[];
  /** How many are held. */
  count(now: number): number;
}

interface Waiting<P extends TrackedPacket> {
  key: Tuple;
  /** In the order in which they came. */
  fragments: Fragment<P>[];
  lastSeen: boolean;
  /** Longer in all than an IP packet may be. */
  tooLong: boolean;
  expires: number;
}

export function createFragments<P extends TrackedPacket>(): Fragments<P> {
  const waiting = new Set<Waiting<P>>();
  const place = emptyExtracted();
  const key = emptyTuple();
  let held = 0;

  /** What of the packet goes by `key` and where its data are; undefined where it contradicts itself or is refused. */
  function read(packet: P, zone: number): { fragment: Fragment<P>; last: boolean } | undefined {
    const { frame, l3, ethType } = packet;
    const ipv4 = ethType === IPV4;
    if (ipv4 && checksum(frame, l3, place.l4) !== 0) return undefined;
    const header = place.fragmentHeader;
    const word = ipv4 ? u16(frame, l3 + 6) : u16(frame, header + 2);
    const last = (word & (ipv4 ? 0x2000 : 1)) === 0;
    const start = ipv4 ? (word & 0x1fff) * 8 : word & 0xfff8;
    const data = ipv4 ? place.l4 : header + 8;
    if (!last && frame.length < (ipv4 ? MINIMUM_IPV4 : MINIMUM_IPV6)) return undefined;
    readAddresses(frame, l3, ethType, key);
    key.zone = zone;
    key.protocol = ipv4 ? place.protocol : 0;
    key.srcPort = ipv4 ? u16(frame, l3 + 4) : u32(frame, header + 4);
    return { fragment: { packet, start, end: start + place.end - data - 1, data, header }, last };
  }

  function drop(list: Waiting<P>): void {
    waiting.delete(list);
    held -= list.fragments.length;
  }

  /** They are in the order of their ends. */
  function purge(now: number): void {
    for (const list of waiting) {
      if (now < list.expires + GRACE) return;
      drop(list);
    }
  }

  function find(): Waiting<P> | undefined {
    for (const each of waiting) if (sameTuple(each.key, key)) return each;
    return undefined;
  }

  return {
    take(packet, zone, now) {
      const { frame, l3, ethType } = packet;
      if (ethType === IPV4 && frame.length >= l3 + 20 && (u16(frame, l3 + 6) & 0x3fff) === 0) return 'whole';
      if (!locateIp(frame, l3, ethType, place) || !place.fragment) return 'whole';
      const sound = read(packet, zone);
      if (sound === undefined) return 'invalid';
      purge(now);
      if (held >= MOST_FRAGMENTS) return 'whole';
      const { fragment, last } = sound;
      let list = find();
      if (list === undefined) {
        list = {
          key: copyTuple(key, emptyTuple()),
          fragments: [],
          lastSeen: false,
          tooLong: false,
          expires: now + TIMEOUT,
        };
        waiting.add(list);
      } else if (list.tooLong || (ethType === IPV4 && list.fragments.length >= MOST_OF_IPV4)) return 'whole';
      const { fragments } = list;
      if (fragments.some(({ start, end }) => Math.max(start, fragment.start) <= Math.min(end, fragment.end))) {
        return 'invalid';
      }
      fragments.push(fragment);
      held++;
      list.lastSeen ||= last;
      if (!list.lastSeen) return 'held';
      const inOrder = fragments.toSorted((a, b) => a.start - b.start);
      if (!inOrder.every(({ start }, i) => start === (i === 0 ? 0 : inOrder[i - 1]!.end + 1))) return 'held';
      list.tooLong = lengthOf(inOrder) > LONGEST;
      if (list.tooLong) return 'held';
      drop(list);
      return inOrder;
    },
    count(now) {
      purge(now);
      return held;
    },
    expired(now) {
      purge(now);
      for (const list of waiting) {
        if (now <= list.expires) break;
        drop(list);
        return list.fragments.map(({ packet }) => packet);
      }
      return [];
    },
  };
}

/** As the header of the whole packet will have it. */
function lengthOf(inOrder: readonly Fragment[]): number {
  const { packet, data } = inOrder[0]!;
  return data - packet.l3 - (packet.ethType === IPV4 ? 0 : 40) + inOrder.at(-1)!.end + 1;
}
