/** ICMPv6 errors that cross one-to-one of prefixes: what they quote is translated as well (RFC 6296 2, RFC 4443 2.4). */

import {
  type AppDatapath,
  addressBits,
  addressOf,
  addressOfBits,
  dissect,
  type OneToOne,
  overlaps,
  type PacketInEvent,
  prefixLengthOf,
  quotedBy,
  readdress,
  readdressQuoted,
  resubmit,
  set,
} from '../../src/index.ts';
import type { Send } from '../router/services.ts';
import { prefixRules } from './prefix-translation.ts';
import type { NatSite } from './site.ts';

/** What a packet has been given until the stage `unsnat`. */
const GIVEN = ['segment', 'fromTunnel', 'ingressZone', 'tunnelPeer', 'ingressSegment', 'router.number'] as const;

export interface PrefixErrors {
  /** To a station inside: it begins at `unsnat` again. */
  inwards(packet: PacketInEvent): void;
  /** From one: it is routed. */
  outwards(packet: PacketInEvent, send: Send | undefined): void;
}

export function createPrefixErrors(
  dp: Pick<AppDatapath, 'read' | 'packetOut'>,
  sites: () => readonly NatSite[],
): PrefixErrors {
  const siteOf = ({ match }: PacketInEvent) => sites().find(({ number }) => number === dp.read(match, 'router.number'));

  return {
    inwards(packet) {
      const { data, inPort, match } = packet;
      const [rules, ip, quoted] = [rulesOf(siteOf(packet)), dissect(data).ipv6, quotedBy(data)];
      if (ip === undefined || quoted === undefined) return;
      const dst = inside(rules, ip.dst);
      if (dst === ip.dst) return;
      const frame = readdress(readdressQuoted(data, { src: inside(rules, quoted.src) }), { dst });
      const given = Object.fromEntries(GIVEN.map((field) => [field, dp.read(match, field) ?? 0]));
      dp.packetOut({ data: frame, inPort, actions: [...set(given), resubmit('unsnat')] });
    },
    outwards(packet, send) {
      const { data } = packet;
      const site = siteOf(packet);
      const [rules, ip, quoted] = [rulesOf(site), dissect(data).ipv6, quotedBy(data)];
      if (site === undefined || ip === undefined || quoted === undefined) return;
      const frame = readdressQuoted(data, { dst: outside(rules, quoted.dst) });
      send?.send(site.name, ip.dst, readdress(frame, { src: outside(rules, ip.src) }));
    },
  };
}

export function rulesOf(site: NatSite | undefined): OneToOne[] {
  return site === undefined ? [] : prefixRules(site).map(({ rule }) => rule);
}

function inside(rules: readonly OneToOne[], address: string): string {
  const rule = rules.find((each) => overlaps(each.outside, address));
  return rule === undefined ? address : moved(address, rule.inside);
}

export function outside(rules: readonly OneToOne[], address: string): string {
  const rule = rules.find((each) => overlaps(each.inside, address));
  return rule === undefined ? address : moved(address, rule.outside);
}

/** The address at the same place in another prefix. */
function moved(address: string, prefix: string): string {
  const rest = (1n << BigInt(128 - prefixLengthOf(prefix))) - 1n;
  return addressOfBits(6, addressBits(addressOf(prefix)) | (addressBits(address) & rest));
}
