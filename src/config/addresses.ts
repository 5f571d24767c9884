/** Who has which IP and MAC address on a segment: ports and routers together. */

import { bitsOf, holds, isLinkLocal, isReservedIn, isUnicast, meet, parseIpPrefix } from '../../proto/wire/prefix.ts';
import type { Findings } from './findings.ts';
import type { Bridge, Router, Segment } from './model.ts';
import type { Path } from './path.ts';
import { segmentsOf } from './port-segments.ts';

interface Claim {
  path: Path;
  who: string;
  /** What may have the address together: the same router; a guest that is selected by one label on several hosts. */
  same: string;
  address: string;
}

export function checkAddresses(
  segments: readonly Segment[],
  bridges: readonly Bridge[],
  routers: readonly Router[],
  findings: Findings,
): void {
  const addresses = new Map<string, Claim>();
  const macs = new Map<string, Claim>();
  /** Prefixes of stations with many addresses, by segment. */
  const wide: { segment: string; claim: Claim }[] = [];
  const claim = (claims: Map<string, Claim>, segment: string, mine: Claim) => {
    const key = `${segment} ${mine.address}`;
    const other = claims.get(key);
    if (other === undefined) {
      claims.set(key, mine);
      if (claims === addresses) checkOverlap(segment, mine);
    } else if (other.same !== mine.same) {
      findings.problem(
        mine.path,
        `${mine.who}: ${mine.address} is on segment ${segment} already, at ${other.who} (${findings.source(other.path)})`,
        'give each its own address',
      );
    }
  };

  const checkOverlap = (segment: string, mine: Claim) => {
    const own = parseIpPrefix(mine.address)!;
    const isMany = own.length < bitsOf(own.family);
    const others = isMany
      ? [...addresses].filter(([key]) => key.startsWith(`${segment} `)).map(([, each]) => each)
      : wide.filter((each) => each.segment === segment).map((each) => each.claim);
    if (isMany) wide.push({ segment, claim: mine });
    const other = others.find((each) => each.same !== mine.same && meet(parseIpPrefix(each.address)!, own));
    if (other === undefined) return;
    findings.problem(
      mine.path,
      `${mine.who}: ${mine.address} overlaps ${other.address} on segment ${segment}, at ${other.who} (${findings.source(other.path)})`,
      'give each its own addresses',
    );
  };

  for (const router of routers) {
    const own = new Set<string>();
    const written = findings.declared('routers', router.name).has('mac');
    for (const each of router.interfaces) {
      const path = ['routers', router.name, 'interfaces', each.name, 'address'];
      const who = `router ${router.name}, interface ${each.name}`;
      each.addresses.forEach((text, i) => {
        const at = findings.places.has(`/routers/${router.name}/interfaces/${each.name}/address/0`)
          ? [...path, i]
          : path;
        const address = text.slice(0, text.indexOf('/'));
        if (own.has(address))
          findings.problem(at, `${who}: ${address} stands twice in router ${router.name}`, 'remove one of them');
        else claim(addresses, each.segment, { path: at, who, same: who, address });
        own.add(address);
      });
      claim(macs, each.segment, {
        path: ['routers', router.name, ...(written ? ['mac'] : [])],
        who: `router ${router.name}`,
        same: `router ${router.name}`,
        address: router.mac,
      });
    }
  }
  for (const bridge of bridges) {
    for (const port of bridge.ports) {
      const path = ['bridges', bridge.name, 'ports', `${port.host}/${port.name}`];
      const who = `port ${port.host}/${port.name}`;
      const same = port.select === undefined ? who : `${bridge.name} ${port.name}`;
      const on = segmentsOf(port);
      const [addressAt, macAt] = [partsOf(path, 'address', findings), partsOf(path, 'mac', findings)];
      port.addresses.forEach((address, i) => {
        for (const segment of on) claim(addresses, segment, { path: addressAt(i), who, same, address });
        checkSubnet(address, who, on, addressAt(i), segments, findings);
      });
      port.macs.forEach((mac, i) => {
        for (const segment of on) claim(macs, segment, { path: macAt(i), who, same, address: mac });
      });
    }
  }
}

/** The path of one of a list, which may be written as the one that it has. */
function partsOf(path: Path, key: string, findings: Findings): (i: number) => Path {
  const isList = findings.listed([...path, key]);
  return (i) => [...path, key, ...(isList ? [i] : [])];
}

function checkSubnet(
  address: string,
  who: string,
  on: readonly string[],
  path: Path,
  segments: readonly Segment[],
  findings: Findings,
): void {
  const own = parseIpPrefix(address)!;
  const mine = segments
    .filter((segment) => on.includes(segment.name))
    .map(({ name, subnets }) => ({
      name,
      subnets: subnets.filter((text) => parseIpPrefix(text)!.family === own.family),
    }));
  const isWide = own.length < bitsOf(own.family);
  const isReserved = (subnet: string) => !isWide && isReservedIn(parseIpPrefix(subnet)!, own);
  if (!isUnicast(own) || mine.some(({ subnets }) => subnets.some(isReserved))) {
    findings.problem(
      path,
      `${who}: ${address} is no address that a station can have`,
      'write the address of the station',
    );
    return;
  }
  // A trunk's station may have its address on any of the segments.
  const isWithin = (subnet: string) => holds(parseIpPrefix(subnet)!, own);
  const isFine = ({ subnets, name }: (typeof mine)[number]) =>
    subnets.length === 0 || subnets.some(isWithin) || findings.broken(['segments', name]);
  if (mine.length === 0 || isLinkLocal(own) || mine.some(isFine)) return;
  const subnets = mine.flatMap((segment) => segment.subnets).join(', ');
  findings.problem(
    path,
    `${who}: ${address} is not within ${subnets}, the subnet of segment ${mine.map((segment) => segment.name).join(', ')}`,
    `write an address of ${subnets}`,
  );
}
