/** Reads `self` of a router, the port of the host's own network stack, and the interface that follows its address. */

import type { Findings } from '../findings.ts';
import type { Bridge, RouterInterface, RouterSelf, Segment } from '../model.ts';
import type { FileForm } from '../schema-file.ts';

type RouterForm = NonNullable<FileForm['routers']>[string];

export function readSelf(
  router: string,
  given: RouterForm,
  bridgeName: string,
  interfaces: readonly RouterInterface[],
  bridges: readonly Bridge[],
  segments: readonly Segment[],
  findings: Findings,
): RouterSelf | undefined {
  const self =
    given.self === undefined ? undefined : readPort(router, given, bridgeName, interfaces, bridges, findings);
  if (given.self === undefined || self !== undefined) checkFollow(router, self, interfaces, segments, findings);
  return self;
}

function readPort(
  router: string,
  given: RouterForm,
  bridgeName: string,
  interfaces: readonly RouterInterface[],
  bridges: readonly Bridge[],
  findings: Findings,
): RouterSelf | undefined {
  const path = ['routers', router, 'self'];
  const text = given.self ?? '';
  const [host = '', name = ''] = text.split('/');
  if (!findings.known(path, 'host', host, findings.declared('hosts'), 'hosts')) return undefined;
  if (host !== given.host) {
    findings.problem(
      path,
      `router ${router} is on host ${given.host}, and ${text} is not`,
      `write a port of host ${given.host}`,
    );
    return undefined;
  }
  const bridge = bridges.find((each) => each.name === bridgeName && each.hosts.includes(host));
  if (bridge === undefined) return undefined;
  const port = bridge.ports.find((each) => each.host === host && each.name === name && each.select === undefined);
  if (port === undefined) {
    const other = bridges.find((each) => each.ports.some((one) => one.host === host && one.name === name));
    if (findings.broken(['bridges', bridge.name, 'ports'])) return undefined;
    findings.problem(
      path,
      other === undefined
        ? `router ${router}: bridge ${bridge.name} has no port ${text}`
        : `router ${router} is on bridge ${bridge.name}, and ${text} is on bridge ${other.name}`,
      `add \`${text}: { type: internal }\` to the ports of bridge ${bridge.name}`,
    );
    return undefined;
  }
  const source = findings.source(path);
  const { vlans } = port;
  if (vlans === undefined) return { source, port: name, interface: undefined };
  const at = vlans.mode === 'access' ? interfaces.find(({ segment }) => segment === vlans.segment) : undefined;
  if (at === undefined) {
    findings.problem(
      path,
      vlans.mode === 'access'
        ? `router ${router}: ${text} is on segment ${vlans.segment}, where the router has no interface`
        : `router ${router}: ${text} is a ${vlans.mode} port`,
      `make ${text} a port of no segment, or \`access: SEGMENT\` of a segment on which the router has an interface`,
    );
    return undefined;
  }
  return { source, port: name, interface: at.name };
}

function checkFollow(
  router: string,
  self: RouterSelf | undefined,
  interfaces: readonly RouterInterface[],
  segments: readonly Segment[],
  findings: Findings,
): void {
  for (const { name, segment, follow } of interfaces) {
    if (!follow) continue;
    const path = ['routers', router, 'interfaces', name, 'address'];
    const where = `router ${router}, interface ${name}`;
    if (self?.interface !== name) {
      findings.problem(
        path,
        `${where}: \`follow\` takes the address of the host at \`self\`, and ${self === undefined ? `router ${router} has no \`self\`` : `that port is not on segment ${segment}`}`,
        `write \`self: HOST/PORT\` with a port that is \`access: ${segment}\`, or the address itself`,
      );
    }
    const subnets = segments.find((each) => each.name === segment)?.subnets ?? [];
    if (subnets.length === 0 && !findings.broken(['segments', segment])) {
      findings.problem(
        path,
        `${where}: \`follow\` needs the prefix of its address, and segment ${segment} has no \`subnet\``,
        `add \`subnet\` to segment ${segment}, like 10.88.88.0/24`,
      );
      continue;
    }
    const isIpv6 = (text: string) => text.includes(':');
    const routed = interfaces.flatMap(({ addresses }) => addresses);
    if (self?.interface === name && routed.some(isIpv6) && subnets.length > 0 && !subnets.some(isIpv6)) {
      findings.warning(
        path,
        `${where}: router ${router} routes IPv6, and segment ${segment} has no IPv6 subnet: no IPv6 passes there, that of the host neither`,
        `add its prefix to \`subnet\` of segment ${segment}`,
      );
    }
  }
}
