/** Who has which IPv4 and MAC address on a segment: ports and routers together. */

import type { Findings } from './findings.ts';
import type { Bridge, Router, Segment } from './model.ts';
import type { Path } from './path.ts';
import { segmentsOf } from './port-segments.ts';
import { addressNumber, contains, isReservedIn, isUnicast, parsePrefix } from './prefix.ts';

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
  const claim = (claims: Map<string, Claim>, segment: string, mine: Claim) => {
    const key = `${segment} ${mine.address}`;
    const other = claims.get(key);
    if (other === undefined) claims.set(key, mine);
    else if (other.same !== mine.same) {
      findings.problem(
        mine.path,
        `${mine.who}: ${mine.address} is on segment ${segment} already, at ${other.who} (${findings.source(other.path)})`,
        'give each its own address',
      );
    }
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
      if (port.address !== undefined) {
        const at = [...path, 'address'];
        for (const segment of on) claim(addresses, segment, { path: at, who, same, address: port.address });
        checkSubnet(port.address, who, on, at, segments, findings);
      }
      if (port.mac !== undefined) {
        for (const segment of on) claim(macs, segment, { path: [...path, 'mac'], who, same, address: port.mac });
      }
    }
  }
}

function checkSubnet(
  address: string,
  who: string,
  on: readonly string[],
  path: Path,
  segments: readonly Segment[],
  findings: Findings,
): void {
  const number = addressNumber(address)!;
  const mine = segments
    .filter((segment) => on.includes(segment.name))
    .map(({ name, subnets }) => ({ name, subnets: subnets.filter((text) => !text.includes(':')) }));
  if (
    !isUnicast(number) ||
    mine.some(({ subnets }) => subnets.some((subnet) => isReservedIn(parsePrefix(subnet)!, number)))
  ) {
    findings.problem(
      path,
      `${who}: ${address} is no address that a station can have`,
      'write the address of the station',
    );
    return;
  }
  // A trunk's station may have its address on any of the segments.
  if (
    mine.length === 0 ||
    mine.some(
      ({ subnets, name }) =>
        subnets.length === 0 ||
        subnets.some((subnet) => contains(parsePrefix(subnet)!, number)) ||
        findings.broken(['segments', name]),
    )
  )
    return;
  const subnets = mine.flatMap((segment) => segment.subnets).join(', ');
  findings.problem(
    path,
    `${who}: ${address} is not within ${subnets}, the subnet of segment ${mine.map((segment) => segment.name).join(', ')}`,
    `write an address of ${subnets}`,
  );
}
