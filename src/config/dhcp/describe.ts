/** The settings of `dhcp` as the file writes them. */

import type { DhcpOptionSetting, DhcpSegment, DhcpServer, RouterAdvertisement } from '../model.ts';

type Written = Record<string, unknown>;

export function writeDhcp({ server, relay, advertise }: DhcpSegment): Written {
  return {
    ...(server && writeServer(server)),
    ...(relay && { relay: relay.servers }),
    ...(advertise && { advertise: writeAdvertisement(advertise) }),
  };
}

function writeServer(server: DhcpServer): Written {
  const { ranges, routers, dns, domain, lease, leasesPerPort, address, options, reservations } = server;
  return {
    ...(ranges.length > 0 && { range: ranges.map(({ first, last }) => `${first}-${last}`) }),
    ...(routers.length > 0 && { router: routers }),
    ...(dns.length > 0 && { dns }),
    ...(domain !== undefined && { domain }),
    ...{ lease, leasesPerPort, server: address },
    ...(reservations.length > 0 && {
      reserve: Object.fromEntries(reservations.map((each) => [each.key, each.address])),
    }),
    ...(options.length > 0 && { options: Object.fromEntries(options.map((each) => [each.name, writeOption(each)])) }),
  };
}

function writeOption({ kind, values }: DhcpOptionSetting): unknown {
  if (kind === 'bytes') return `hex ${values[0]}`;
  if (kind === 'boolean') return values[0] === 1;
  if (kind !== 'routes') return values.length === 1 ? values[0] : values;
  return values.flatMap((value, index) => (index % 2 === 0 ? [`${value} via ${values[index + 1]}`] : []));
}

function writeAdvertisement(advertise: RouterAdvertisement): Written {
  const { prefixes, validLifetime, preferredLifetime, lifetime, managed, other, mtu, dns, domains } = advertise;
  return {
    prefix: prefixes.map(({ prefix }) => prefix),
    ...{ lifetime, valid: validLifetime, preferred: preferredLifetime, managed, other },
    ...(mtu !== undefined && { mtu }),
    ...(dns.length > 0 && { dns }),
    ...(domains.length > 0 && { domain: domains }),
  };
}
