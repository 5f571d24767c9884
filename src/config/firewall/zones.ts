/** Reads `firewall.zones`: which interfaces of routers, ports and segments are in which zone. */

import { suggestion } from '../../text/suggest.ts';
import type { Findings } from '../findings.ts';
import type { Bridge, Firewall, FirewallZone, Port, Router, Segment } from '../model.ts';
import type { Path } from '../path.ts';
import { segmentsOf } from '../port-segments.ts';
import type { FileForm } from '../schema-file.ts';

type FirewallForm = NonNullable<FileForm['firewall']>;

/** Zone number of the router itself. */
export const FW = 255;

/** What may be in a zone. */
export interface ZoneScope {
  segments: readonly Segment[];
  bridges: readonly Bridge[];
  routers: readonly Router[];
}

type Taken = Map<string, string>;

export function readZones(form: FirewallForm, scope: ZoneScope, findings: Findings): FirewallZone[] {
  /** Member → zone. */
  const taken: Taken = new Map();
  const zones = Object.entries(form.zones).map(([name, members], index): FirewallZone => {
    const path = ['firewall', 'zones', name];
    if (name === 'fw' || name === 'all') {
      const means = name === 'fw' ? 'the router itself' : 'any zone';
      findings.problem(path, `zone \`${name}\`: this name means ${means}`, 'choose another name', 'key');
    }
    if (members.length === 0 && !findings.broken(path)) {
      const fix = 'list `ROUTER/INTERFACE`, `HOST/PORT` or `segment NAME`, or remove it';
      findings.problem(path, `zone ${name} has no members`, fix);
    }
    const zone: FirewallZone = {
      ...{ name, source: findings.source(path), number: index + 1, members: [...new Set(members)] },
      ...{ interfaces: [], ports: [], segments: [] },
    };
    for (const [i, member] of members.entries()) readMember(zone, member, [...path, i], scope, taken, findings);
    return zone;
  });
  if (zones.length >= FW) {
    findings.problem(
      ['firewall', 'zones'],
      `${zones.length} zones are more than the 254 that there are numbers for`,
      'join some of them',
      'key',
    );
  }
  checkPorts(zones, scope, findings);
  warnOfZoneless(taken, scope, findings);
  return zones;
}

function readMember(
  zone: FirewallZone,
  member: string,
  path: Path,
  scope: ZoneScope,
  taken: Taken,
  findings: Findings,
): void {
  const known = memberOf(member, path, scope, findings);
  if (known === undefined) return;
  const other = taken.get(member);
  if (other !== undefined) {
    const what = `zone ${zone.name}: ${member} is in zone ${other} already`;
    const fix = `${known === 'segments' ? 'a segment' : known === 'ports' ? 'a port' : 'an interface'} is in one zone`;
    findings.problem(path, what, `${fix}: remove it from one`);
    return;
  }
  taken.set(member, zone.name);
  zone[known].push(known === 'segments' ? member.slice(member.indexOf(' ') + 1).trim() : member);
}

/** undefined: there is no such thing, which is told. */
function memberOf(
  member: string,
  path: Path,
  scope: ZoneScope,
  findings: Findings,
): 'interfaces' | 'ports' | 'segments' | undefined {
  const [first = '', second = ''] = member.split(/\s+/);
  if (first === 'segment') {
    const segments = findings.declared('segments');
    return findings.known(path, 'segment', second, segments, 'segments') ? 'segments' : undefined;
  }
  const slash = member.indexOf('/');
  const [owner, name] = [member.slice(0, slash), member.slice(slash + 1)];
  const [routers, hosts] = [findings.declared('routers'), findings.declared('hosts')];
  if (routers.has(owner) && hosts.has(owner)) {
    const fix = 'give the router another name than the host';
    findings.problem(path, `\`${member}\`: ${owner} is a router and a host`, fix);
    return undefined;
  }
  if (routers.has(owner)) {
    const names = findings.declared('routers', owner, 'interfaces');
    const section = `routers.${owner}.interfaces`;
    return findings.known(path, `interface of router ${owner}`, name, names, section) ? 'interfaces' : undefined;
  }
  if (!hosts.has(owner)) {
    const fix = suggestion(owner, [...routers, ...hosts], 'add it under `routers` or `hosts`');
    findings.problem(path, `unknown router or host \`${owner}\``, fix);
    return undefined;
  }
  return isPort(owner, name, path, scope, findings) ? 'ports' : undefined;
}

function isPort(host: string, name: string, path: Path, { bridges }: ZoneScope, findings: Findings): boolean {
  const ports = portsOf(bridges, host);
  const found = ports.find(({ port }) => port.name === name);
  if (found === undefined) {
    if (findings.broken(['bridges'])) return false;
    const own = bridges.find((bridge) => bridge.name === name && bridge.hosts.includes(host));
    const fix = `add \`${host}/${name}: { access: SEGMENT }\` under \`bridges.${own?.name ?? 'BRIDGE'}.ports\``;
    const names = ports.map(({ port }) => port.name);
    findings.problem(
      path,
      `unknown port of host ${host} \`${name}\``,
      own === undefined ? suggestion(name, names, fix) : fix,
    );
    return false;
  }
  if (found.bridge.forwarding === 'normal') {
    findings.problem(
      path,
      `port ${host}/${name} is on bridge ${found.bridge.name}, where Open vSwitch forwards by itself`,
      `take \`forwarding: normal\` from bridge ${found.bridge.name}, or remove the port from the zone`,
    );
    return false;
  }
  if (found.port.vlans === undefined && !findings.broken(['bridges', found.bridge.name])) {
    findings.problem(
      path,
      `port ${host}/${name} is in no segment, so nothing passes that a zone could judge`,
      'give the port `access: SEGMENT`, or remove it from the zone',
    );
    return false;
  }
  return true;
}

function portsOf(bridges: readonly Bridge[], host: string): { bridge: Bridge; port: Port }[] {
  return bridges.flatMap((bridge) =>
    bridge.ports.filter((port) => port.host === host).map((port) => ({ bridge, port })),
  );
}

/** A port that is listed, and a segment of it that is in another zone. */
function checkPorts(zones: readonly FirewallZone[], { bridges }: ZoneScope, findings: Findings): void {
  const zoneOfSegment = new Map(zones.flatMap((zone) => zone.segments.map((segment) => [segment, zone] as const)));
  for (const zone of zones) {
    for (const member of zone.ports) {
      const [host = '', name = ''] = member.split('/');
      const port = portsOf(bridges, host).find((each) => each.port.name === name)?.port;
      const on = port === undefined ? [] : segmentsOf(port);
      const segment = on.find((each) => (zoneOfSegment.get(each) ?? zone) !== zone);
      if (segment === undefined) continue;
      findings.problem(
        ['firewall', 'zones', zone.name, zone.members.indexOf(member)],
        `zone ${zone.name}: ${member} is in zone ${zoneOfSegment.get(segment)!.name} already, with its segment ${segment}`,
        `a port is in one zone: list the ports of segment ${segment} one by one, or remove this one`,
      );
    }
  }
}

function warnOfZoneless(taken: Taken, { segments, bridges, routers }: ZoneScope, findings: Findings): void {
  if (findings.broken(['firewall', 'zones'])) return;
  for (const router of routers) {
    for (const { name } of router.interfaces) {
      if (taken.has(`${router.name}/${name}`)) continue;
      findings.warning(
        ['routers', router.name, 'interfaces', name],
        `interface ${router.name}/${name} is in no firewall zone, so only rules for \`all\` apply to it`,
        'add it to a zone under `firewall.zones`',
        'key',
      );
    }
  }
  for (const { name } of segments) {
    if (taken.has(`segment ${name}`)) continue;
    const ports = bridges.flatMap((bridge) => bridge.ports.filter((port) => segmentsOf(port).includes(name)));
    const without = ports.map((port) => `${port.host}/${port.name}`).filter((port) => !taken.has(port));
    if (without.length === ports.length || without.length === 0) continue;
    const named =
      without.length > 3 ? `${without.slice(0, 3).join(', ')} and ${without.length - 3} more` : without.join(', ');
    findings.warning(
      ['firewall', 'zones'],
      `segment ${name} is filtered, and ${named} on it in no zone, so only rules for \`all\` apply there`,
      'add them to a zone under `firewall.zones`',
      'key',
    );
  }
}

/** The same with the numbers of their zones. */
export function inZones({ segments, bridges, routers }: ZoneScope, firewall: Firewall | undefined) {
  const numbers = (kind: 'interfaces' | 'ports' | 'segments') =>
    new Map(firewall?.zones.flatMap((zone) => zone[kind].map((member) => [member, zone.number] as const)));
  const [ofInterface, ofPort, ofSegment] = [numbers('interfaces'), numbers('ports'), numbers('segments')];
  return {
    segments: segments.map((segment) => ({ ...segment, zone: ofSegment.get(segment.name) ?? 0 })),
    bridges: bridges.map((bridge) => ({
      ...bridge,
      ports: bridge.ports.map((port) => ({ ...port, zone: ofPort.get(`${port.host}/${port.name}`) ?? 0 })),
    })),
    routers: routers.map((router) => ({
      ...router,
      interfaces: router.interfaces.map((each) => ({
        ...each,
        zone: ofInterface.get(`${router.name}/${each.name}`) ?? 0,
      })),
    })),
  };
}
