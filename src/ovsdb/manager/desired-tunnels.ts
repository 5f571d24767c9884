/** The tunnel ports that a bridge needs on a host for its segments with an overlay. Pure. */
import type { Bridge, Config } from '../../config/model.ts';
import { tunnelPorts } from '../../config/tunnel.ts';
import { type DesiredRow, desiredRow } from './desired-row.ts';
import { ownerIds } from './ownership.ts';

export function desiredTunnels(config: Config, host: string, bridge: Bridge): DesiredRow[] {
  const underlay = config.hosts.find(({ name }) => name === host)?.underlay ?? '';
  const external_ids = ownerIds(config.owner);
  return tunnelPorts(config, host, bridge).map(({ name, overlay, peer, segments }) => {
    const { type, dstPort, ttl } = overlay;
    const further = Object.entries(overlay.options).map(([key, value]): [string, string] => [
      key,
      value.replaceAll('{peer}', peer?.host ?? ''),
    ]);
    const options = new Map([
      ...further,
      ['remote_ip', peer?.address ?? 'flow'],
      ['local_ip', underlay],
      ['key', 'flow'],
      ...(dstPort === undefined ? [] : [['dst_port', String(dstPort)] as const]),
      ['ttl', String(ttl)],
    ]);
    const row = { key: name, label: `${bridge.name}/${name}`, source: segments[0]?.source ?? bridge.source };
    const announce = `${bridge.name}: add ${type} port ${name}`;
    const bfd = overlay.bfd ? { bfd: new Map([['enable', 'true']]) } : {};
    const face = { name, type, options, ...bfd, external_ids };
    const device = desiredRow({ ...row, announce, table: 'Interface', columns: face });
    const columns = { name, external_ids };
    return desiredRow({ ...row, announce, table: 'Port', own: true, columns, children: { interfaces: [device] } });
  });
}
