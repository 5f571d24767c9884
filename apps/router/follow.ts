/**
 * Which address the host at `self` has, for interfaces with `address: follow`. The first is what the switch learned of the
 * station there. Another is taken over once the host sends from it and has answered nobody for the old one: a host may have
 * several. After a restart the address is the one in the flows that stand.
 */

import {
  type AppDatapath,
  addressOf,
  BROADCAST_MAC,
  buildArp,
  dissect,
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
  /** By `ROUTER/INTERFACE`, with prefix length. */
  readonly addresses: ReadonlyMap<string, string>;
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

export function createFollow(
  dp: AppDatapath<'route'>,
  routers: () => readonly SiteRouter[],
  timers: Timers,
  changed: (router: string, interfaceName: string) => void,
): Follow {
  const addresses = new Map<string, string>();
  /** Key → the address that would follow, while the host is asked for the old one. */
  const asked = new Map<string, string>();

  function places(): Place[] {
    return routers().flatMap((router) => {
      const { self } = router;
      if (self?.at?.follow !== true) return [];
      return [{ key: `${router.name}/${self.at.name}`, router, self, at: self.at }];
    });
  }

  function take({ key, router, at }: Place, address: string): void {
    const subnet = at.subnets.find((each) => overlaps(each, address));
    if (subnet === undefined) return;
    addresses.set(key, `${address}/${prefixLengthOf(subnet)}`);
    changed(router.name, at.name);
  }

  function heard(place: Place, address: string): void {
    const { key, router, self, at } = place;
    const known = addresses.get(key);
    if (known === undefined) {
      take(place, address);
      return;
    }
    if (addressOf(known) === address || asked.has(key)) return;
    if (!at.subnets.some((each) => overlaps(each, address))) return;
    asked.set(key, address);
    const question = {
      operation: REQUEST,
      senderMac: router.mac,
      // As a probe (RFC 5227), by which the host learns nothing.
      senderAddress: '0.0.0.0',
      targetMac: UNKNOWN_MAC,
      targetAddress: addressOf(known),
    };
    dp.packetOut({ data: buildArp(question, BROADCAST_MAC), actions: [output(self.port)] });
    timers.after(STILL_THERE, () => {
      const other = asked.get(key);
      asked.delete(key);
      const now = places().find((each) => each.key === key);
      if (other !== undefined && now !== undefined) take(now, other);
    });
  }

  /** Of the flows that stand: an own address of the router that is in the subnet of what follows. */
  for (const { key, router, at } of places()) {
    for (const { match } of dp.flows.route.standing()) {
      const { ipv4Dst } = match;
      if (typeof ipv4Dst !== 'string' || dp.read(match, 'router.number') !== router.number) continue;
      const subnet = at.subnets.find((each) => overlaps(each, ipv4Dst));
      const given = router.interfaces.some(({ follow, own }) => !follow && own.includes(ipv4Dst));
      if (subnet !== undefined && !given) addresses.set(key, `${ipv4Dst}/${prefixLengthOf(subnet)}`);
    }
  }

  return {
    addresses,
    stationSeen({ mac, ip, port, segment }) {
      for (const place of places()) {
        const { self, at, key } = place;
        if (port !== self.port || segment !== at.id || mac !== self.mac || ip === undefined) continue;
        // What the switch learned may be old: what is known is known better.
        if (!addresses.has(key)) take(place, ip);
      }
    },
    packetIn({ table, inPort, data }) {
      if (table !== 'learn' && table !== 'fork') return false;
      const place = places().find(({ self }) => self.port === inPort);
      const { arp, ipv4 } = dissect(data);
      if (place === undefined) return false;
      const known = addresses.get(place.key);
      if (arp?.operation === REPLY && known !== undefined && arp.senderAddress === addressOf(known)) {
        asked.delete(place.key);
      } else {
        const address = arp?.senderAddress ?? ipv4?.src;
        if (address !== undefined) heard(place, address);
      }
      return true;
    },
  };
}
