/** Whether the tunnels of the file can stand: every member can have its end, and Open vSwitch can tell them apart. */

import type { Findings } from './findings.ts';
import type { Config, Host, Overlay, Segment } from './model.ts';
import { meshHosts, segmentUsers, tunnelEnds, tunnelPorts } from './tunnel.ts';

type Network = Pick<Config, 'hosts' | 'segments' | 'bridges' | 'routers'>;

export function checkMesh(network: Network, findings: Findings): void {
  const users = segmentUsers(network);
  for (const segment of network.segments) {
    segment.overlay?.members?.forEach((member, i) => {
      checkMember(network, segment, member, [...(users.get(segment.name)?.values() ?? [])], i, findings);
    });
  }
  for (const segment of network.segments) checkFamilies(segment, meshHosts(network, segment, users), findings);
  const told = new Set<string>();
  for (const { name: host } of network.hosts) {
    checkNames(network, host, findings);
    for (const clash of clashesOf(network, host)) {
      const pair = [clash.segment.name, clash.other.name];
      // Once, not for each host; and not where what makes the difference was unsound.
      if (told.has(pair.join(' ')) || pair.some((name) => findings.broken(['segments', name]))) continue;
      told.add(pair.join(' '));
      tellClash(clash, findings);
    }
  }
}

function checkMember(
  { hosts, bridges }: Network,
  { name, overlay }: Segment,
  member: string,
  carriers: readonly ReadonlySet<string>[],
  position: number,
  findings: Findings,
): void {
  const host = hosts.find((each) => each.name === member);
  // What is unknown or unsound has been told.
  if (overlay === undefined || host === undefined || findings.broken(['hosts', member])) return;
  const path = ['segments', name, 'overlay', 'members', position];
  if (host.underlay === undefined) {
    findings.problem(
      path,
      `host ${member}, a member of segment ${name}'s overlay, has no \`underlay\` (${host.source})`,
      `add \`underlay: ADDRESS\` to hosts.${member}, or take it out of \`members\``,
    );
  }
  const carrying = bridges.filter((bridge) => carriers.some((each) => each.has(bridge.name)));
  if (carrying.some((bridge) => bridge.hosts.includes(member)) || findings.broken(['bridges'])) return;
  const fix =
    carrying.length === 0
      ? 'give a bridge on it a port in the segment'
      : `add ${member} to the \`hosts\` of bridge ${carrying.map((bridge) => bridge.name).join(' or ')}`;
  findings.problem(
    path,
    `host ${member}, a member of segment ${name}'s overlay, has no bridge that carries the segment`,
    `${fix}, or take it out of \`members\``,
  );
}

function checkFamilies({ name, overlay }: Segment, joined: readonly Host[], findings: Findings): void {
  const [first, ...others] = joined;
  if (overlay === undefined || first === undefined) return;
  const family = ({ underlay }: Host) => (underlay?.includes(':') ? 'IPv6' : 'IPv4');
  const other = others.find((host) => family(host) !== family(first));
  if (other === undefined) return;
  findings.problem(
    ['hosts', other.name, 'underlay'],
    `segment ${name} joins host ${first.name}, whose underlay is ${family(first)}, and host ${other.name}, whose underlay is ${family(other)}`,
    'give both an address of one kind, or name others as `members` of its overlay',
  );
}

interface Clash {
  segment: Segment;
  other: Segment;
  host: string;
  /** Their bridge; else their type, ttl, perPeer, bfd or options. */
  differ: 'bridge' | 'tunnel';
}

/** Tunnel ports of a host that Open vSwitch could not tell apart. */
function* clashesOf(network: Network, host: string): Generator<Clash> {
  /** Where the remote address is a flow's matter, nothing else tells tunnel packets apart. */
  const taken = new Map<number | 'gre', { bridge: string; segment: Segment; overlay: Overlay }>();
  for (const bridge of network.bridges.filter(({ hosts }) => hosts.includes(host))) {
    for (const tunnel of tunnelPorts(network, host, bridge)) {
      for (const segment of tunnel.segments) {
        const { overlay } = segment;
        if (overlay === undefined) continue;
        const key = overlay.dstPort ?? 'gre';
        const first = taken.get(key);
        if (first === undefined) taken.set(key, { bridge: bridge.name, segment, overlay });
        else if (first.bridge !== bridge.name) yield { segment, other: first.segment, host, differ: 'bridge' };
        else if (!sameTunnel(first.overlay, overlay)) yield { segment, other: first.segment, host, differ: 'tunnel' };
      }
    }
  }
}

/** Two segments that travel through the same tunnel ports agree in all that these have but one of. */
function sameTunnel(a: Overlay, b: Overlay): boolean {
  const text = ({ type, ttl, perPeer, bfd, options }: Overlay) =>
    JSON.stringify([type, ttl, perPeer, bfd, Object.entries(options).sort()]);
  return text(a) === text(b);
}

function tellClash({ segment, other, host, differ }: Clash, findings: Findings): void {
  const port = segment.overlay?.dstPort;
  const what = port === undefined ? 'one gre tunnel' : `one tunnel on UDP port ${port}`;
  const differing = differ === 'bridge' ? 'their bridge' : 'type, ttl, perPeer, bfd or options';
  const same = differ === 'bridge' ? 'carry both on one bridge' : 'give both the same';
  findings.problem(
    ['segments', segment.name, 'overlay'],
    `segment ${segment.name}: its tunnel cannot stand beside segment ${other.name}'s (${other.source}) on host ${host}: Open vSwitch takes ${what} per host, and these differ in ${differing}`,
    `${same}, or give ${segment.name} another ${port === undefined ? 'type' : '`port`'}`,
  );
}

/** Of the tunnel ports of a host, those whose name somebody else has. */
function checkNames({ bridges, ...network }: Network, host: string, findings: Findings): void {
  const here = bridges.filter(({ hosts }) => hosts.includes(host));
  const names = new Map(here.map(({ name, source }) => [name, `bridge ${name} (${source})`]));
  for (const { ports } of here) {
    for (const port of ports) {
      if (port.host === host && port.select === undefined) names.set(port.name, `a port (${port.source})`);
    }
  }
  for (const bridge of here) {
    const peers = new Map<string, string>();
    for (const [segment, ends] of tunnelEnds({ bridges, ...network }, host, bridge)) {
      if (network.segments.find(({ name }) => name === segment)?.overlay?.perPeer !== true) continue;
      for (const end of ends) {
        const other = peers.get(end.port) ?? end.host;
        peers.set(end.port, other);
        if (other === end.host) continue;
        findings.problem(
          ['hosts', end.host, 'underlay'],
          `host ${end.host}: the tunnel ports to it and to host ${other} would both be called ${end.port}`,
          'give one of them another address',
        );
      }
    }
    for (const { name, segments } of tunnelPorts({ bridges, ...network }, host, bridge)) {
      const other = names.get(name);
      if (other === undefined) continue;
      findings.problem(
        ['segments', segments[0]?.name ?? '', 'overlay'],
        `segment ${segments[0]?.name}: its tunnel port on host ${host} is to be ${name}, which is the name of ${other}`,
        'rename that one',
      );
    }
  }
}
