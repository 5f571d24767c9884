/** A router with two inside segments and an outside one, its stations, and packets there and back. */

import type { PacketFields } from '../../../src/testing/expected-fields.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';
import type { Sendable } from '../../../src/testing/packet.ts';

export const ROUTER_MAC = '02:00:00:00:00:fe';

export const routed = (nat: readonly string[], more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/mac: { access: loc }
      hv1/web: { access: dmz }
      hv1/db: { access: dmz }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    mac: "${ROUTER_MAC}"
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
      net: { segment: net, address: [192.0.2.1/24, 192.0.2.9/24] }
    routes: [default via 192.0.2.254]
nat:
${nat.map((rule) => `  - ${rule}\n`).join('')}${more}`;

export const open = `
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz], net: [edge/net] }
  policy: [all to all accept]
`;

export const stations = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  mac: { ip: '10.1.0.11/24', gateway: '10.1.0.1' },
  web: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  db: { ip: '10.2.0.11/24', gateway: '10.2.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

/** Everybody has heard of the router, and it of them. */
export async function network(nat: readonly string[], more = ''): Promise<Lab> {
  const net = await lab({ file: routed(nat, more), guests: stations });
  for (const [guest, gateway] of [
    ['pc', '10.1.0.1'],
    ['mac', '10.1.0.1'],
    ['web', '10.2.0.1'],
    ['peer', '192.0.2.1'],
  ] as const) {
    await net.ping(guest, gateway);
  }
  return net;
}

/** The packet arrives `as` that, and what the station answers comes back so. */
export async function roundTrip(
  net: Lab,
  from: string,
  sent: Sendable,
  to: string,
  as: PacketFields,
  back: PacketFields,
): Promise<void> {
  const there = await net.send(from, sent);
  expectPacket(there).reaches(to, as);
  const { frame } = there.left.find(({ guest }) => guest === to)!;
  expectPacket(await net.send(to, packet.answer(frame))).reaches(from, back);
}
