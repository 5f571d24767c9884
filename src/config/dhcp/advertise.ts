/** Reads `advertise`: what the router tells the stations of a segment of IPv6 (RFC 4861). */

import { holds, networkText, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { RouterAdvertisement } from '../model.ts';
import type { DhcpForm, Surroundings } from './dhcp.ts';
import { isDomain } from './options.ts';

/** Stations make addresses of 64 bits of their own (RFC 4862 5.5.3). */
const AUTONOMOUS_LENGTH = 64;

export function readAdvertisement(
  given: NonNullable<DhcpForm['advertise']>,
  around: Surroundings,
): RouterAdvertisement | undefined {
  const { where, segment, router, findings } = around;
  const path = [...around.path, 'advertise'];
  const own = (around.interface?.addresses ?? []).filter((text) => text.includes(':'));
  if (router === undefined || own.length === 0) {
    if (!findings.broken(['routers'])) {
      findings.problem(
        path,
        `${where}: no router has an IPv6 address on the segment, so there is nothing to advertise`,
        `add one to a router's interface, like \`{ segment: ${segment.name}, address: "2001:db8:66::1/64" }\``,
        'key',
      );
    }
    return undefined;
  }
  const written = [given.prefix ?? []].flat();
  const prefixes = written.length > 0 ? written : [...new Set(own.map((text) => networkText(parseIpPrefix(text)!)))];
  const at = (key: string, index: number, value: unknown) => [...path, key, ...(Array.isArray(value) ? [index] : [])];
  for (const [index, text] of written.entries()) {
    const prefix = parseIpPrefix(text)!;
    const place = at('prefix', index, given.prefix);
    if (prefix.family === 4) {
      findings.problem(place, `${where}: ${text} is IPv4, and routers advertise IPv6`, 'write it like "2001:db8::/64"');
    } else if (!own.some((each) => holds(prefix, parseIp(each.slice(0, each.indexOf('/')))!))) {
      findings.warning(
        place,
        `${where}: router ${router.name} has no address of ${text}, so stations with one don't reach it`,
        `advertise ${prefixes.length > 0 ? own.map((each) => networkText(parseIpPrefix(each)!)).join(', ') : 'another'}`,
      );
    } else if (prefix.length !== AUTONOMOUS_LENGTH) {
      findings.warning(
        place,
        `${where}: stations make addresses of their own from prefixes of length 64 alone, not from ${text}`,
        'give the segment a /64',
      );
    }
  }
  const dns = [given.dns ?? []].flat();
  for (const [index, text] of dns.entries()) {
    if (parseIp(text)?.family === 6) continue;
    findings.problem(
      at('dns', index, given.dns),
      `${where}: ${text} is IPv4, and \`advertise\` is of IPv6`,
      'write an IPv6 address; those of IPv4 stand under `dns` of the segment',
    );
  }
  const domains = [given.domain ?? []].flat();
  for (const [index, text] of domains.entries()) {
    if (isDomain(text)) continue;
    findings.problem(at('domain', index, given.domain), `${where}: \`${text}\` is no domain`, 'write it like lan');
  }
  if (given.preferred > given.valid) {
    findings.problem(
      [...path, 'preferred'],
      `${where}: addresses are preferred for ${given.preferred} s, longer than the ${given.valid} s that they are valid`,
      `write ${given.valid} or less`,
    );
  }
  const { lifetime, managed, other, mtu } = given;
  return {
    ...{ router: router.name, lifetime, managed, other, mtu, dns, domains },
    prefixes: prefixes.map((text) => ({
      prefix: text,
      onLink: true,
      autonomous: parseIpPrefix(text)?.length === AUTONOMOUS_LENGTH,
    })),
    validLifetime: given.valid,
    preferredLifetime: given.preferred,
  };
}
