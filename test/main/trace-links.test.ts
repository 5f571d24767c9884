/** Where a frame goes on that leaves by a tunnel, by one of several to single hosts, or by a patch port. */

import { expect, test } from 'vitest';
import { ipv4Number } from '../../proto/wire/address.ts';
import { parseConfig } from '../../src/config/load.ts';
import { tunnelPorts } from '../../src/config/tunnel.ts';
import { beyondOf, tunnelOf } from '../../src/main/trace-links.ts';
import { emptyKey } from '../../src/sim/key/key.ts';
import { WORD } from '../../src/sim/key/layout.ts';
import type { KnownSwitch } from '../../src/trace/knowledge.ts';

function network(overlay: string) {
  const loaded = parseConfig(
    `
flowloom: 1
hosts: { hv1: { underlay: 192.168.50.1 }, hv2: { underlay: 192.168.50.2 }, hv3: { underlay: 192.168.50.3 } }
segments: { red: { overlay: ${overlay} } }
bridges:
  br0:
    hosts: [hv1, hv2, hv3]
    ports:
      hv1/vm1: { access: red }
      hv2/vm2: { access: red }
      hv3/vm3: { access: red }
      hv1/patch0: { access: red, type: patch, options: { peer: patch1 } }
  br1:
    hosts: [hv1]
    ports: { hv1/patch1: { type: patch, options: { peer: patch0 } } }
`,
    'f.yaml',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const config = loaded.config;
  const switches = config.bridges.flatMap((bridge) =>
    bridge.hosts.map((host): KnownSwitch => {
      const own = bridge.ports.filter((port) => port.host === host).map(({ name }) => name);
      const names = [...own, ...tunnelPorts(config, host, bridge).map(({ name }) => name)];
      const ports = names.map((name, index) => ({ number: index + 1, name, mac: undefined, isLocal: false }));
      return { dpid: '', name: `${host}/${bridge.name}`, host, bridge: bridge.name, ports, stations: [] };
    }),
  );
  const at = (name: string) => switches.find((each) => each.name === name)!;
  const leaving = (name: string, port: string, to: string) => {
    const key = emptyKey();
    key[WORD.tunIpv4Dst] = ipv4Number(to) ?? 0;
    key[WORD.tunnelId + 1] = 5000;
    const { number } = at(name).ports.find((each) => each.name.startsWith(port))!;
    const links = { network: config, switches, cable: () => undefined };
    return beyondOf(links, at(name), { port: number, frame: new Uint8Array(60), tunnel: key });
  };
  return { config, leaving };
}

test('one tunnel port for all: the flow says which host', () => {
  const { config, leaving } = network('{ type: vxlan, vni: 5000 }');
  expect(tunnelOf(config, { host: 'hv1', bridge: 'br0' }, 'vx4789t64')).toMatchObject({
    kind: 'vxlan',
    remote: 'flow',
  });
  expect(tunnelOf(config, { host: 'hv1', bridge: 'br0' }, 'vm1')).toBeUndefined();
  const beyond = leaving('hv1/br0', 'vx', '192.168.50.3');
  expect(beyond).toMatchObject({
    place: { at: { name: 'hv3/br0' }, port: { name: 'vx4789t64' } },
    by: 'vxlan 5000 to hv3 from hv1/br0:vx4789t64',
  });
  const { tunnel } = beyond as { tunnel: Uint32Array };
  expect([tunnel[WORD.tunIpv4Src], tunnel[WORD.tunIpv4Dst], tunnel[WORD.tunnelId + 1]]).toEqual([
    ...[ipv4Number('192.168.50.1'), ipv4Number('192.168.50.3'), 5000],
  ]);
  expect(leaving('hv1/br0', 'vx', '192.168.50.77')).toEqual({
    away: 'vxlan 5000 to 192.168.50.77: its way is not traced there',
  });
});

test('a tunnel port for each host leads to the one of that host that leads back', () => {
  const { leaving } = network('{ type: geneve, vni: 5000, perPeer: true }');
  const back = (name: string) => `gn${ipv4Number(name)!.toString(16)}p${(6081).toString(36)}`;
  const beyond = leaving('hv1/br0', back('192.168.50.2'), '0.0.0.0');
  expect(beyond).toMatchObject({ place: { at: { name: 'hv2/br0' }, port: { name: back('192.168.50.1') } } });
});

test('a patch port, and a port of a station', () => {
  const { leaving } = network('{ type: vxlan, vni: 5000 }');
  expect(leaving('hv1/br0', 'patch0', '0.0.0.0')).toMatchObject({
    place: { at: { name: 'hv1/br1' }, port: { name: 'patch1' } },
    by: 'patch port hv1/br0:patch0',
  });
  expect(leaving('hv1/br0', 'vm1', '0.0.0.0')).toBeUndefined();
});
