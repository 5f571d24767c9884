/** What a DHCPREQUEST is answered with, by the state that the client is in (RFC 2131 4.3.2). */

import { overlaps } from '../../src/index.ts';
import type { Asked } from './asked.ts';
import type { Desk } from './desk.ts';
import type { Reply } from './reply.ts';

const NOWHERE = '0.0.0.0';

/** undefined: nothing is said. */
export function answerRequest(desk: Desk, asked: Asked): Reply | undefined {
  const { settings, leases, offers } = desk;
  const { client, server, requested, dhcp } = asked.message;
  if (server !== undefined) {
    // SELECTING
    if (server === settings.address) return requested === undefined ? undefined : select(desk, asked, requested);
    const declined = offers.of(client.key);
    if (declined !== undefined) offers.drop(declined.address);
    return undefined;
  }
  if (requested !== undefined) {
    // INIT-REBOOT: whom nobody knows here is answered by whoever knows it, but not where it is on another network.
    const known = leases.of(client);
    if (!overlaps(settings.subnet, requested)) return refusal(`${requested} is not of this network`);
    if (known === undefined) return undefined;
    return known.address === requested ? extend(desk, asked, requested) : refusal(`${requested} is not yours`);
  }
  // RENEWING or REBINDING
  const { clientAddress } = dhcp;
  if (clientAddress === NOWHERE) return undefined;
  if (!overlaps(settings.subnet, clientAddress)) return refusal(`${clientAddress} is not of this network`);
  return extend(desk, asked, clientAddress);
}

function refusal(message: string): Reply {
  return { type: 'nak', message };
}

function select(desk: Desk, asked: Asked, address: string): Reply | undefined {
  const { client } = asked.message;
  const isOffered = desk.offers.get(address)?.asked.message.client.key === client.key;
  const isAllowed = desk.pool.allows(address, client, asked.port);
  return isOffered && isAllowed ? bind(desk, asked, address) : extend(desk, asked, address);
}

/** What the client has already, or says that it has: Flowloom may have forgotten, where it runs without `--state`. */
function extend(desk: Desk, asked: Asked, address: string): Reply | undefined {
  const { leases, offers, pool, now } = desk;
  const { client } = asked.message;
  const lease = leases.get(address);
  const isActive = leases.isActive(lease);
  const isOwn = isActive && lease.client === client.key;
  const isOthers = isActive && (!isOwn || lease.state === 'declined');
  if (isOthers || offers.isHeld(address, client.key)) return refusal(`${address} is not yours`);
  if (pool.allows(address, client, asked.port)) {
    return isOwn || !desk.isFull(asked) ? bind(desk, asked, address) : undefined;
  }
  // Who comes from the port that has it leaves it there.
  if (pool.isOfAnother(address, asked.port)) return refusal(`${address} is not given here`);
  // The file has changed: what was promised is kept, and not prolonged.
  const left = isOwn ? Math.floor((lease.expires - now()) / 1000) : 0;
  return left > 0 ? { type: 'ack', address, lease: left } : refusal(`${address} is not given out any more`);
}

/** Kept before anybody is told. */
function bind(desk: Desk, asked: Asked, address: string): Reply {
  const { leases, offers, segment, tell } = desk;
  const { client } = asked.message;
  const { place } = asked;
  const seconds = desk.secondsFor(asked);
  const before = leases.get(address);
  const isNew = before?.client !== client.key || !leases.isActive(before);
  leases.bind(address, client, seconds, place);
  offers.drop(address);
  if (isNew) {
    const who = client.hostname === undefined ? client.mac : `${client.mac} (${client.hostname})`;
    tell('info', `${address} of segment ${segment.segment} to ${who} at port ${place.port} of ${place.switch}`, {
      ...{ segment: segment.segment, address, mac: client.mac, hostname: client.hostname ?? null, ...place },
    });
  }
  return { type: 'ack', address, lease: seconds };
}
