/** Whether a segment that several hosts use has a way between them: an overlay, or trunks. */

import type { Findings } from './findings.ts';
import type { Bridge, Host, Router, Segment } from './model.ts';
import { segmentsOf } from './port-segments.ts';

export function checkReach(
  hosts: readonly Host[],
  segments: readonly Segment[],
  bridges: readonly Bridge[],
  routers: readonly Router[],
  findings: Findings,
): void {
  for (const segment of segments) {
    const path = ['segments', segment.name];
    const { users, trunked } = hostsOf(segment.name, bridges, routers);
    if (users.size < 2) continue;
    if (segment.overlay !== undefined) {
      for (const host of hosts) {
        if (!users.has(host.name) || findings.broken(['hosts', host.name])) continue;
        const { members } = segment.overlay;
        if (members !== undefined && !members.includes(host.name)) {
          if (trunked.has(host.name) || findings.broken([...path, 'overlay'])) continue;
          findings.warning(
            [...path, 'overlay', 'members'],
            `segment ${segment.name} is used on host ${host.name}, which is none of its overlay's members, and no trunk there carries it`,
            `add ${host.name} to \`members\`, or a trunk port that carries the segment`,
          );
          continue;
        }
        if (host.underlay !== undefined) continue;
        findings.problem(
          ['hosts', host.name],
          `host ${host.name} has no \`underlay\`, which the overlay of segment ${segment.name} needs`,
          'add `underlay: ADDRESS`, the IPv4 address of its tunnel endpoint',
          'key',
        );
      }
    } else if (!findings.broken(path)) {
      const apart = [...users].filter((host) => !trunked.has(host));
      if (apart.length > 0) {
        findings.warning(
          path,
          `segment ${segment.name} is used on hosts ${[...users].join(', ')}, and nothing carries it between them: no overlay, no trunk on ${apart.join(', ')}`,
          'add `overlay: vxlan`, or a trunk port that carries it on each of them',
          'key',
        );
      }
    }
  }
}

/** The hosts that use a segment, and those of them with a trunk port that carries it. */
export function hostsOf(
  segment: string,
  bridges: readonly Bridge[],
  routers: readonly Router[],
): { users: Set<string>; trunked: Set<string> } {
  const users = new Set<string>();
  const trunked = new Set<string>();
  for (const bridge of bridges) {
    for (const port of bridge.ports) {
      if (!segmentsOf(port).includes(segment)) continue;
      users.add(port.host);
      if (port.vlans?.mode === 'trunk') trunked.add(port.host);
    }
  }
  for (const router of routers) {
    if (router.interfaces.some((each) => each.segment === segment)) users.add(router.host);
  }
  return { users, trunked };
}
