/** Reads `relay`: the servers that are asked on behalf of a segment's clients. */

import { holds, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { DhcpRelay } from '../model.ts';
import type { Surroundings } from './dhcp.ts';
import { ipv4List } from './in-segment.ts';

export function readRelay(given: string | readonly string[], around: Surroundings): DhcpRelay | undefined {
  const { path, where, segment, router, findings } = around;
  const at = [...path, 'relay'];
  const own = (around.interface?.addresses ?? []).filter((text) => !text.includes(':'));
  const address = own[0]?.slice(0, own[0].indexOf('/'));
  const servers = ipv4List(given, at, around);
  if (router === undefined || address === undefined) {
    if (!findings.broken(['routers'])) {
      findings.problem(
        at,
        `${where}: a relay asks from a router's address, and no router has an IPv4 address on the segment`,
        `add an interface \`{ segment: ${segment.name}, address: ADDRESS/LENGTH }\` to a router`,
        'key',
      );
    }
    return undefined;
  }
  const reached = router.interfaces.flatMap(({ addresses }) => addresses);
  const routed = router.routes.map(({ prefix }) => prefix);
  for (const { text, at: place } of servers) {
    const server = parseIp(text)!;
    const isIn = (prefix: string) => holds(parseIpPrefix(prefix)!, server);
    if (own.some(isIn)) {
      findings.problem(
        place,
        `${where}: ${text} is on the segment itself, where its clients reach it without a relay`,
        'remove `relay`, or write the address of a server elsewhere',
      );
    } else if (![...reached, ...routed].some(isIn)) {
      findings.problem(
        place,
        `${where}: router ${router.name} has no way to ${text}`,
        `add a route to router ${router.name}, like \`${text}/32 via ADDRESS\``,
      );
    }
  }
  return { servers: servers.map(({ text }) => text), router: router.name, address };
}
