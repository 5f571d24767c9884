/** Which address a client gets (RFC 2131 4.3.1): its own, the one that it had, the one that it asks for, or a free one. */

import {
  addressNumber,
  addressOf,
  addressText,
  type Config,
  type DhcpReservation,
  type DhcpSegment,
  type DhcpServer,
  hash32,
  overlaps,
  type Port,
  prefixLengthOf,
  segmentsOf,
} from '../../src/index.ts';
import type { Client } from './client.ts';
import type { Lease, LeaseBook } from './leases.ts';

/** The port of the file by which a client comes; undefined: a tunnel, or a port that the file does not name. */
export type FilePort = Port | undefined;

export interface Choice {
  address: string;
  /** The port enforces it: nobody else can have it. */
  enforced: boolean;
}

export interface Pool {
  readonly size: number;
  /** `held`: addresses that are offered to others just now. undefined: there is none left. */
  choose(
    client: Client,
    port: FilePort,
    wanted: string | undefined,
    held: (address: string) => boolean,
  ): Choice | undefined;
  /** Whether the client may have it, whoever has it now. */
  allows(address: string, client: Client, port: FilePort): boolean;
  /** The file gives it to another port, or to a router. */
  isOfAnother(address: string, port: FilePort): boolean;
  /** In a range, or reserved for somebody. */
  has(address: string): boolean;
  reservationOf(client: Client, port: FilePort): DhcpReservation | undefined;
  reservations(): readonly { address: string; mac: string; source: string }[];
  /** The line that says that it may be given. */
  sourceOf(address: string): string;
}

/** Milliseconds. */
const LOOKED = 500;

export function createPool(
  config: Config,
  { segment, source }: DhcpSegment,
  server: DhcpServer,
  leases: LeaseBook,
  now: () => number,
): Pool {
  const ranges = server.ranges.map((range) => ({
    ...{ first: addressNumber(range.first), last: addressNumber(range.last), source: range.source },
  }));
  const size = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const ports = config.bridges.flatMap((bridge) => bridge.ports).filter((port) => segmentsOf(port).includes(segment));
  /** Who has it by the file: nobody is given it but the port's own station. */
  const fixed = new Map<string, Port | 'network'>();
  /** Of ports whose stations have many. */
  const shares: { prefix: string; port: Port }[] = [];
  for (const port of ports) {
    for (const text of ipv4Of(port)) {
      if (isAlone(text)) fixed.set(addressOf(text), port);
      else shares.push({ prefix: text, port });
    }
  }
  for (const router of config.routers) {
    for (const each of router.interfaces) {
      if (each.segment === segment) for (const text of each.addresses) fixed.set(addressOf(text), 'network');
    }
  }
  fixed.set(server.address, 'network');
  const reserved = new Map(server.reservations.map((each) => [each.address, each]));

  /** No address was free: who asks then does not have them all looked at again. */
  let full: { freed: number; until: number } | undefined;

  const rangeOf = (number: number) => ranges.find(({ first, last }) => number >= first && number <= last);
  const isInRange = (address: string) => rangeOf(addressNumber(address)) !== undefined;

  function reservationOf(client: Client, port: FilePort): DhcpReservation | undefined {
    return server.reservations.find((each) => isFor(each, client, port));
  }

  function isFixedFor(address: string, port: FilePort): boolean {
    const holder = fixed.get(address);
    return holder !== undefined && holder !== 'network' && isSame(holder, port);
  }

  function allows(address: string, client: Client, port: FilePort): boolean {
    const own = ownOf(port);
    if (own.length > 0 && !own.some((text) => overlaps(text, address))) return false;
    if (fixed.has(address)) return isFixedFor(address, port);
    if (isOthersShare(address, port)) return false;
    const reservation = reserved.get(address);
    return reservation === undefined ? isInRange(address) : isFor(reservation, client, port);
  }

  /** The addresses that the port lets its station have, of this subnet. */
  function ownOf(port: FilePort): string[] {
    return port === undefined || port.vlans?.mode === 'trunk' ? [] : ipv4Of(port);
  }

  /** A reserved address follows its port: who was there before it is gone, or answers when the address is probed. */
  function isTaken(lease: Lease | undefined, client: Client, reservation: DhcpReservation | undefined): boolean {
    if (!leases.isActive(lease)) return false;
    if (lease.state === 'declined') return true;
    return lease.client !== client.key && reservation?.address !== lease.address;
  }

  function isOthersShare(address: string, port: FilePort): boolean {
    return shares.some((share) => overlaps(share.prefix, address) && !isSame(share.port, port));
  }

  function free(number: number, port: FilePort): 'never' | Lease | undefined {
    const address = addressText(number);
    if (fixed.has(address) || reserved.has(address) || isOthersShare(address, port)) return undefined;
    const own = ownOf(port);
    if (own.length > 0 && !own.some((text) => overlaps(text, address))) return undefined;
    const lease = leases.get(address);
    if (lease === undefined) return 'never';
    return leases.isActive(lease) ? undefined : lease;
  }

  /** From a place that follows from the client on: one that nobody ever had, else the one whose client is gone for longest. */
  function anyFree(client: Client, port: FilePort, held: (address: string) => boolean): string | undefined {
    const isOfAll = ownOf(port).length === 0 && shares.length === 0;
    if (isOfAll && full !== undefined && full.freed === leases.freed && now() < full.until) return undefined;
    const found = search(client, port, held);
    full = isOfAll && found === undefined ? { freed: leases.freed, until: now() + LOOKED } : undefined;
    return found;
  }

  function search(client: Client, port: FilePort, held: (address: string) => boolean): string | undefined {
    let oldest: Lease | undefined;
    const start = size === 0 ? 0 : hash32(client.key) % size;
    for (let step = 0; step < size; step++) {
      let index = (start + step) % size;
      const range = ranges.find(({ first, last }) => {
        if (index <= last - first) return true;
        index -= last - first + 1;
        return false;
      });
      const number = range!.first + index;
      const found = free(number, port);
      if (found === undefined || held(addressText(number))) continue;
      if (found === 'never') return addressText(number);
      if (oldest === undefined || found.expires < oldest.expires) oldest = found;
    }
    return oldest?.address;
  }

  return {
    size,
    allows,
    isOfAnother: (address, port) => fixed.has(address) && !isFixedFor(address, port),
    reservationOf,
    has: (address) => isInRange(address) || reserved.has(address) || fixed.get(address) !== undefined,
    choose(client, port, wanted, held) {
      const own = ownOf(port).find(isAlone);
      if (own !== undefined) return { address: addressOf(own), enforced: true };
      const reservation = reservationOf(client, port);
      if (reservation !== undefined && !held(reservation.address)) {
        const { address } = reservation;
        if (!isTaken(leases.get(address), client, reservation)) return { address, enforced: false };
      }
      for (const address of [leases.of(client)?.address, wanted]) {
        if (address === undefined || !allows(address, client, port) || held(address)) continue;
        if (!isTaken(leases.get(address), client, undefined)) return { address, enforced: false };
      }
      const address = anyFree(client, port, held);
      return address === undefined ? undefined : { address, enforced: false };
    },
    reservations() {
      const own = ports.flatMap((port) =>
        ipv4Of(port)
          .filter(isAlone)
          .map(addressOf)
          .map((address) => ({ address, mac: port.macs[0] ?? '', source: port.source })),
      );
      const listed = server.reservations.map(({ address, client, source: line }) => ({
        ...{ address, mac: client.by === 'mac' ? client.mac : '', source: line },
      }));
      return [...listed, ...own.filter(({ address }) => !reserved.has(address))];
    },
    sourceOf(address) {
      const holder = fixed.get(address);
      const line = reserved.get(address) ?? (holder === 'network' ? undefined : holder);
      return line?.source ?? rangeOf(addressNumber(address))?.source ?? source;
    },
  };
}

function ipv4Of({ addresses }: Port): string[] {
  return addresses.filter((text) => !text.includes(':'));
}

/** One address, not a prefix of many. */
function isAlone(text: string): boolean {
  return prefixLengthOf(text) === 32;
}

function isSame(a: Port, b: FilePort): boolean {
  return b !== undefined && a.host === b.host && a.name === b.name;
}

function isFor({ client: by }: DhcpReservation, client: Client, port: FilePort): boolean {
  switch (by.by) {
    case 'mac':
      return by.mac === client.mac;
    case 'client-id':
      // A text may go with a type in front of it, 0 (RFC 2132 9.14).
      return client.id === by.id || client.id === `00${by.id}`;
    case 'hostname':
      return client.hostname?.toLowerCase() === by.hostname;
    case 'port': {
      if (port === undefined || (by.host !== undefined && by.host !== port.host)) return false;
      if (port.name !== by.port && !by.selected.includes(port.source)) return false;
      return port.macs.length === 0 || port.macs.includes(client.mac);
    }
  }
}
