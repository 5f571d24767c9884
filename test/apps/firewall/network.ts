/** A router between three zones for tests of the firewall, over both families, with guests in each. */

import { type Lab, lab, packet } from '../../../src/testing/index.ts';

export const fileWith = (firewall: string, more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/pc2: { access: loc }
      hv1/web: { access: dmz }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
      net: { segment: net, address: [192.0.2.1/24, 192.0.2.9/24] }
    routes: [default via 192.0.2.254]
${more}
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz], net: [edge/net] }
${firewall}
`;

export const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  pc2: { ip: '10.1.0.11/24', gateway: '10.1.0.1' },
  web: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

/** Whose guests know their gateways, and the router them. */
export async function network(firewall: string, more?: string): Promise<Lab> {
  const net = await lab({ file: fileWith(firewall, more), guests });
  for (const [guest, { gateway }] of Object.entries(guests)) await net.send(guest, packet.arp({ dst: gateway }));
  return net;
}
