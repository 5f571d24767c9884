/** The server of one segment: which message a client's message is answered with, and which address it gets (RFC 2131 4.3). */

import { type DhcpServer, overlaps } from '../../src/index.ts';
import { createAllotment } from './allotment.ts';
import type { Asked } from './asked.ts';
import type { Client, ClientMessage } from './client.ts';
import type { Desk, SegmentServerParts } from './desk.ts';
import type { ClientPlace, Lease, LeaseBook } from './leases.ts';
import { createOffers, type Offers } from './offers.ts';
import { createPool, type Pool } from './pool.ts';
import type { Holder } from './probe.ts';
import type { Reply } from './reply.ts';
import { answerRequest } from './request.ts';

export interface SegmentServer {
  readonly segment: string;
  readonly settings: DhcpServer;
  readonly pool: Pool;
  readonly leases: LeaseBook;
  readonly offers: Offers;
  handle(asked: Asked): void;
}

/** Seconds for which an address that somebody else uses is left alone. */
const DECLINED = 3600;
/** A client may ask for less than it would get, but not for next to nothing. */
const LEAST_LEASE = 60;
/** Addresses that are tried for one message of a client, where others turn out to use them. */
const TRIES = 4;

export function createSegmentServer(parts: SegmentServerParts): SegmentServer {
  const { config, segment: of, settings, leases, now, tell, count } = parts;
  const { segment } = of;
  const pool = createPool(config, of, settings, leases, now);
  const offers = createOffers(now);
  const allotment = createAllotment({ ...parts, pool, offers });
  /** Clients whose address is probed just now. */
  const probing = new Set<string>();
  const desk: Desk = {
    ...parts,
    ...{ pool, offers, isFull: allotment.isFull },
    secondsFor: ({ message }) => Math.max(LEAST_LEASE, Math.min(settings.lease, message.leaseTime ?? settings.lease)),
  };

  function discover(asked: Asked, tried: readonly string[] = []): void {
    const { client, requested } = asked.message;
    if (probing.has(client.key)) return;
    const standing = offers.of(client.key)?.address;
    if (!leases.isActive(leases.of(client)) && standing === undefined && allotment.isFull(asked)) return;
    const isOut = (address: string) => tried.includes(address) || offers.isHeld(address, client.key);
    const choice = pool.choose(client, asked.port, standing ?? requested, isOut);
    if (choice === undefined) {
      allotment.exhausted(asked);
      return;
    }
    const { address, enforced } = choice;
    // An address that the port enforces nobody else can use, and its own client's needs no question.
    if (enforced || leases.get(address)?.client === client.key || standing === address) {
      offer(asked, address);
      return;
    }
    const isAsked = parts.probe(asked, address, (holder) => {
      probing.delete(client.key);
      if (holder === undefined || holder.mac === client.mac) {
        offer(asked, address);
        return;
      }
      offers.drop(address);
      inUse(address, holder);
      if (tried.length + 1 < TRIES) discover(asked, [...tried, address]);
    });
    // What is not asked is not known: the client comes again.
    if (!isAsked) return;
    probing.add(client.key);
    offers.hold(address, asked);
  }

  function offer(asked: Asked, address: string): void {
    offers.hold(address, asked);
    count('offered');
    parts.reply(asked, { type: 'offer', address, lease: desk.secondsFor(asked) });
  }

  function inUse(address: string, { mac, place }: Holder): void {
    const lease = leases.get(address);
    // Its former client is there still.
    if (leases.isActive(lease) && lease.mac === mac) return;
    count('conflicts');
    const holder = { key: `mac ${mac}`, mac, id: undefined, hostname: undefined };
    leases.decline(address, holder, DECLINED, place);
    tell('warn', `${address} of segment ${segment} is used by ${mac}, who has no lease of it: it is left alone`, {
      ...{ segment, address, mac, source: pool.sourceOf(address) },
    });
  }

  function decline({ message, place }: Asked): void {
    const { client, requested = '', server } = message;
    const lease = leases.get(requested);
    if (server !== settings.address || !isHolder(lease, client, place)) return;
    count('conflicts');
    leases.decline(lease.address, client, DECLINED, place);
    tell('warn', `${client.mac} found ${lease.address} of segment ${segment} in use: it is left alone`, {
      ...{ segment, address: lease.address, mac: client.mac, source: pool.sourceOf(lease.address) },
    });
  }

  function release({ message: { client, dhcp, server = settings.address }, place }: Asked): void {
    const lease = leases.get(dhcp.clientAddress);
    if (server === settings.address && isHolder(lease, client, place)) leases.release(lease);
  }

  /** Who says so is where the lease is: another guest may know the client's MAC, and give back what is not its own. */
  function isHolder(lease: Lease | undefined, client: Client, place: ClientPlace): lease is Lease {
    if (lease?.client !== client.key || lease.state !== 'bound') return false;
    return lease.port === null || (lease.switch === place.switch && lease.port === place.port);
  }

  function request(asked: Asked): void {
    const reply = keeping(asked);
    if (reply === undefined) return;
    count(reply.type === 'nak' ? 'refused' : 'acknowledged');
    parts.reply(asked, reply);
  }

  /** What can't be kept is not promised. */
  function keeping(asked: Asked): Reply | undefined {
    try {
      return answerRequest(desk, asked);
    } catch (error) {
      allotment.unkept(asked, error);
      return undefined;
    }
  }

  /** It has an address, and asks for the rest. */
  function inform(asked: Asked): void {
    if (overlaps(settings.subnet, asked.message.dhcp.clientAddress)) parts.reply(asked, { type: 'ack' });
  }

  const handlers: Partial<Record<ClientMessage['type'], (asked: Asked) => void>> = {
    ...{ discover, request, decline, release, inform },
  };
  return {
    ...{ segment, settings, pool, leases, offers },
    handle: (asked) => handlers[asked.message.type]?.(asked),
  };
}
