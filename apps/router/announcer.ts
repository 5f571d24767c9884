/**
 * Tells a segment which MAC the router's addresses have (RFC 5227 2.3, RFC 4861 7.2.6): when an address appears or moves, when
 * a port comes up behind which nobody may know it, and when a station claims one.
 */

import {
  type AppDatapath,
  type AppPort,
  ARP_REQUEST,
  addressBits,
  addressOfBits,
  BROADCAST_MAC,
  buildAdvertisement,
  buildArp,
  type Config,
  familyOf,
  inPrefix,
  type Match,
  resubmit,
  segmentsOf,
  set,
  type Tell,
  type Timers,
} from '../../src/index.ts';
import { type NextHop, nextHopKey } from './next-hop.ts';
import { eachProxied } from './proxied-flows.ts';
import type { SiteRouter } from './site.ts';
import type { Via } from './solicit.ts';

/** Seconds between the two times that it is told (RFC 5227 1.1). */
const AGAIN = 2;
/** Seconds that ports have to come up together, and between two times that a segment is told because of them. */
const PORTS_TOGETHER = 1;
const PORTS_AGAIN = 5;
/** A station that claims an address is told of and answered once in so many seconds, for each address. */
const CLAIM_AGAIN = 60;
/** Frames in a second. */
const A_SECOND = 100;

export interface Announcer {
  /** The routers have other addresses than before, or may have. */
  follow(): void;
  portUp(port: AppPort): void;
  /** A station has told that an address of ours is its own. */
  claimed(claim: NextHop & { mac: string; inPort: number }): void;
}

/** An address, and the MAC that it has on the segment. */
interface Announced extends NextHop {
  mac: string;
}

export function createAnnouncer(
  dp: AppDatapath<'respond' | 'fork'>,
  routers: () => readonly SiteRouter[],
  network: () => Config | undefined,
  timers: Timers,
  tell: Tell,
): Announcer {
  let known = standing(dp);
  const due = new Map<string, Announced>();
  /** Ids of segments that a port has come to, and when segments were told last because of one. */
  const waiting = new Set<number>();
  const toldAt = new Map<number, number>();
  let isWaiting = false;
  const claims = new Map<string, number>();
  let isSending = false;

  function send({ segment, address, mac }: Announced): void {
    const data =
      familyOf(address) === 6
        ? buildAdvertisement(mac, address)
        : buildArp(
            {
              ...{ operation: ARP_REQUEST, senderMac: mac, senderAddress: address },
              ...{ targetMac: NOBODY, targetAddress: address },
            },
            BROADCAST_MAC,
          );
    dp.packetOut({ data, actions: [...set({ segment }), resubmit('flood')] });
  }

  function sendSome(): void {
    isSending = false;
    let count = 0;
    for (const [key, each] of due) {
      if (count++ === A_SECOND) break;
      due.delete(key);
      send(each);
    }
    if (due.size > 0) sendSoon(1);
  }

  function sendSoon(seconds: number): void {
    if (isSending) return;
    isSending = true;
    timers.after(seconds, sendSome);
  }

  function announce(those: readonly Announced[], seconds = 0): void {
    for (const each of those) due.set(nextHopKey(each), each);
    if (those.length > 0) sendSoon(seconds);
  }

  /** Those that were told lately wait for their time. */
  function portsUp(): void {
    const now = timers.now();
    const told = [...waiting].filter((id) => now - (toldAt.get(id) ?? Number.NEGATIVE_INFINITY) >= PORTS_AGAIN * 1000);
    for (const id of told) {
      waiting.delete(id);
      toldAt.set(id, now);
    }
    announce([...known.values()].filter(({ segment }) => told.includes(segment)));
    isWaiting = waiting.size > 0;
    if (isWaiting) timers.after(PORTS_AGAIN, portsUp);
  }

  return {
    follow() {
      const now = new Map(addressesOf(routers(), network()).map((each) => [nextHopKey(each), each]));
      const fresh = [...now].filter(([key, { mac }]) => known.get(key)?.mac !== mac).map(([, each]) => each);
      known = now;
      // The flows that carry them stand by then.
      announce(fresh, 1);
      if (fresh.length > 0) timers.after(1 + AGAIN, () => announce(fresh.filter((each) => isStill(known, each))));
    },
    portUp({ name }) {
      const config = network();
      const bridge = config?.bridges.find((each) => each.name === dp.bridge && each.hosts.includes(dp.host ?? ''));
      const carried = bridge?.ports.filter((port) => port.name === name && port.host === dp.host).flatMap(segmentsOf);
      for (const segment of carried ?? []) {
        const id = config?.segments.find((each) => each.name === segment)?.id;
        if (id !== undefined) waiting.add(id);
      }
      if (isWaiting || waiting.size === 0) return;
      isWaiting = true;
      timers.after(PORTS_TOGETHER, portsUp);
    },
    claimed({ segment, address, mac, inPort }) {
      const found = ownerOf(routers(), { segment, address });
      if (found === undefined || found.via.mac === mac) return;
      const ours = { segment, address, mac: found.via.mac };
      const key = nextHopKey(ours);
      const now = timers.now();
      if (now - (claims.get(key) ?? Number.NEGATIVE_INFINITY) < CLAIM_AGAIN * 1000) return;
      claims.set(key, now);
      const port = dp.ports.get(inPort)?.name ?? String(inPort);
      const { router, via } = found;
      tell('warn', `${mac} at port ${port} claims ${address}, an address of ${router.name}/${via.name}`, {
        ...{ switch: dp.name, router: router.name, interface: via.name, address, mac, port },
      });
      announce([ours]);
    },
  };
}

const NOBODY = '00:00:00:00:00:00';

function ownerOf(routers: readonly SiteRouter[], { segment, address }: NextHop): Via | undefined {
  for (const router of routers) {
    const via = router.interfaces.find((each) => {
      const isOwn = each.own.includes(address) || each.linkLocal === address;
      return each.id === segment && !each.hostAnswers && isOwn;
    });
    if (via !== undefined) return { router, via };
  }
  return undefined;
}

/** Where the host at `self` is on the segment it tells its address itself. */
function addressesOf(routers: readonly SiteRouter[], network: Config | undefined): Announced[] {
  const own = routers.flatMap(({ interfaces }) =>
    interfaces.flatMap(({ id, own, mac, hostAnswers }) =>
      hostAnswers ? [] : own.map((address): Announced => ({ segment: id, address, mac })),
    ),
  );
  const proxied = eachProxied(network, routers).flatMap(([, { id, mac }, { prefix }]) =>
    addressesIn(inPrefix(prefix)).map((address): Announced => ({ segment: id, address, mac })),
  );
  return [...proxied, ...own];
}

/** Of a prefix with more than that nobody is told: the router answers who asks. */
const MOST_IN_PREFIX = 256;

/** `prefix`: as flows match it. */
function addressesIn(prefix: NonNullable<Match['arpTpa']>): string[] {
  if (typeof prefix === 'string') return [prefix];
  const family = familyOf(prefix.value);
  const first = addressBits(prefix.value);
  const count = (family === 4 ? 1n << 32n : 1n << 128n) - addressBits(prefix.mask);
  if (count > MOST_IN_PREFIX) return [];
  return Array.from({ length: Number(count) }, (_, i) => addressOfBits(family, first + BigInt(i)));
}

function isStill(known: ReadonlyMap<string, Announced>, each: Announced): boolean {
  return known.get(nextHopKey(each))?.mac === each.mac;
}

/** What the switch has answered for until now, by the flows that stand: after a restart nobody needs to be told of it. */
function standing(dp: AppDatapath<'respond' | 'fork'>): Map<string, Announced> {
  const macs = new Map<number, string>();
  for (const { match } of dp.flows.fork.standing()) {
    const segment = dp.read(match, 'segment');
    if (segment !== undefined && typeof match.ethDst === 'string') macs.set(segment, match.ethDst);
  }
  const known = new Map<string, Announced>();
  for (const { match } of dp.flows.respond.standing()) {
    const segment = dp.read(match, 'segment');
    const prefix = match.arpTpa ?? match.ipv6NdTarget;
    const mac = segment === undefined ? undefined : macs.get(segment);
    if (segment === undefined || mac === undefined || prefix === undefined) continue;
    for (const address of addressesIn(prefix)) known.set(nextHopKey({ segment, address }), { segment, address, mac });
  }
  return known;
}
