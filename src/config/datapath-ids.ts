/** Every switch has a datapath id of its own: a bridge's on each host, whether given or made from its MAC address. */

import type { Findings } from './findings.ts';
import type { Bridge } from './model.ts';
import type { Path } from './path.ts';

export function checkDatapathIds(bridges: readonly Bridge[], findings: Findings): void {
  const holders = new Map<string, { bridge: string; host: string }>();
  for (const bridge of bridges) {
    // Nobody asks a bridge without a controller for its datapath id.
    if (bridge.forwarding === 'normal') continue;
    for (const host of bridge.hosts) {
      const given = givenId(bridge, host);
      if (given === undefined) continue;
      const other = holders.get(given.id);
      holders.set(given.id, { bridge: bridge.name, host });
      if (other === undefined) continue;
      findings.problem(
        given.path,
        `bridge ${bridge.name} on ${host} has the datapath id of bridge ${other.bridge} on ${other.host}${given.why}`,
        'every switch needs its own; what the file does not give, Open vSwitch makes on each host',
        'key',
      );
      break;
    }
  }
}

function givenId(
  { name, ports, otherConfig }: Bridge,
  host: string,
): { id: string; path: Path; why: string } | undefined {
  const path = ['bridges', name];
  const id = otherConfig['datapath-id']?.toLowerCase();
  if (id !== undefined) return { id, path: [...path, 'datapathId'], why: '' };
  const made = (mac: string) => mac.toLowerCase().replaceAll(':', '').padStart(16, '0');
  const why = ': Open vSwitch makes it from the MAC address';
  const own = ports.find((port) => port.host === host && port.name === name);
  const [mac] = own?.macs ?? [];
  if (mac !== undefined) return { id: made(mac), path: [...path, 'ports', `${host}/${name}`, 'mac'], why };
  const { hwaddr } = otherConfig;
  return hwaddr === undefined ? undefined : { id: made(hwaddr), path: [...path, 'otherConfig', 'hwaddr'], why };
}
