/**
 * Which addresses the host at `self` has, for interfaces with `address: follow`: one of IPv4 and one of IPv6. The first is what the
 * switch learned of the station there. Another is taken over once the host sends from it and has answered nobody for the
 * old one: a host may have several. After a restart the addresses are those in the flows that stand.
 */

import {
  type AppDatapath,
  addressOf,
  BROADCAST_MAC,
  buildArp,
  buildSolicitation,
  dissect,
  familyOf,
  linkLocalAddress,
  ND_TYPE,
  output,
  overlaps,
  type PacketInEvent,
  prefixLengthOf,
  type Station,
  type Timers,
} from '../../src/index.ts';
import type { SiteInterface, SiteRouter, SiteSelf } from './site.ts';

const REQUEST = 1;
const REPLY = 2;
const UNKNOWN_MAC = '00:00:00:00:00:00';
/** Seconds that the host has to say that it still has the old address. */
const STILL_THERE = 0.3;

export interface Follow {
  /** By `ROUTER/INTERFACE`, with prefix length, one of a family, IPv4 first. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  stationSeen(station: Station): void;
  /** Whether it was about this. */
  packetIn(packet: PacketInEvent): boolean;
}

interface Place {
  key: string;
  router: SiteRouter;
  self: SiteSelf;
  at: SiteInterface;
}

/** What a packet says of the host: the address that it has, and whether it was asked for it. */
interface Said {
  address: string;
  isAnswer: boolean;
}

export function createFollow(
  dp: AppDatapath<'route'>,
  routers: () => readonly SiteRouter[],
  timers: Timers,
  changed: (router: string, at: SiteInterface) => void,
): Follow {
  const addresses = new Map<string, string[]>();
  /** Key and known address → the address that would follow, while the host is asked for the known one. */
  const asked = new Map<string, string>();

  function places(): Place[] {
    return routers().flatMap((router) => {
      const { self } = router;
      if (self?.at?.follow !== true) return [];
      return [{ key: `${router.name}/${self.at.name}`, router, self, at: self.at }];
    });
  }

  function knownLike(key: string, address: string): string | undefined {
    const known = addresses.get(key)?.find((each) => familyOf(each) === familyOf(address));
    return known && addressOf(known);
  }

  /** False: it is in no subnet of the segment. */
  function note({ key, at }: Place, address: string): boolean {
    const subnet = at.connected.find((each) => overlaps(each, address));
    if (subnet === undefined) return false;
    const others = (addresses.get(key) ?? []).filter((each) => familyOf(each) !== familyOf(address));
    const all = [...others, `${address}/${prefixLengthOf(subnet)}`];
    addresses.set(
      key,
      all.toSorted((a, b) => familyOf(a) - familyOf(b)),
    );
    return true;
  }

  function take(place: Place, address: string): void {
    if (note(place, address)) changed(place.router.name, place.at);
  }

  /** As a probe (RFC 5227), by which the host learns nothing of addresses that others have. */
  function question({ router }: Place, target: string): Uint8Array {
    const { mac } = router;
    if (familyOf(target) === 6) return buildSolicitation({ mac, src: linkLocalAddress(mac), target });
    return buildArp(
      {
        ...{ operation: REQUEST, senderMac: mac, senderAddress: '0.0.0.0' },
        ...{ targetMac: UNKNOWN_MAC, targetAddress: target },
      },
      BROADCAST_MAC,
    );
  }

  function heard(place: Place, address: string): void {
    const { key, self, at } = place;
    const known = knownLike(key, address);
    if (known === undefined) {
      take(place, address);
      return;
    }
    const about = `${key} ${known}`;
    if (known === address || asked.has(about) || !at.connected.some((each) => overlaps(each, address))) return;
    asked.set(about, address);
    dp.packetOut({ data: question(place, known), actions: [output(self.port)] });
    timers.after(STILL_THERE, () => {
      const other = asked.get(about);
      asked.delete(about);
      const now = places().find((each) => each.key === key);
      if (other !== undefined && now !== undefined) take(now, other);
    });
  }

  /** Of the flows that stand: own addresses of the router that the file does not give it. */
  for (const place of places()) {
    for (const { match } of dp.flows.route.standing()) {
      const own = match.ipv4Dst ?? match.ipv6Dst;
      if (typeof own !== 'string') continue;
      if (dp.read(match, 'router.number') !== place.router.number) continue;
      const isGiven = place.router.interfaces.some((each) => !each.follow && each.own.includes(own));
      if (!isGiven) note(place, own);
    }
  }

  return {
    addresses,
    stationSeen({ mac, ip, port, segment }) {
      for (const place of places()) {
        const { self, at, key } = place;
        if (port !== self.port || segment !== at.id || mac !== self.mac || ip === undefined) continue;
        // What the switch learned may be old: what is known is known better.
        if (knownLike(key, ip) === undefined) take(place, ip);
      }
    },
    packetIn({ table, inPort, data }) {
      if (table !== 'learn' && table !== 'fork') return false;
      const place = places().find(({ self }) => self.port === inPort);
      if (place === undefined) return false;
      const said = saidBy(data);
      if (said === undefined) return true;
      if (said.isAnswer && knownLike(place.key, said.address) === said.address) {
        asked.delete(`${place.key} ${said.address}`);
      } else heard(place, said.address);
      return true;
    },
  };
}

function saidBy(frame: Uint8Array): Said | undefined {
  const { arp, ipv4, ipv6, icmpv6 } = dissect(frame);
  const isAnswer = arp?.operation === REPLY || icmpv6?.type === ND_TYPE.neighborAdvertisement;
  const target = icmpv6?.type === ND_TYPE.neighborAdvertisement ? icmpv6.nd?.target : undefined;
  const address = arp?.senderAddress ?? target ?? ipv4?.src ?? ipv6?.src;
  return address === undefined ? undefined : { address, isAnswer };
}
