/** The app `segments` in a lab: access and trunk ports, QinQ, overlays, anti-spoofing, stations that move. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = `flowloom: 1
hosts:
  hv1: { underlay: 192.0.2.1 }
  hv2: { underlay: 192.0.2.2 }
  hv3: { underlay: 192.0.2.3 }
segments:
  office: { vlan: 100, overlay: vxlan }
  voice: { vlan: 200 }
bridges:
  br0:
    hosts: [hv1, hv2, hv3]
    ports:
      hv1/web1: { access: office, address: 10.1.0.1 }
      hv1/free: { access: office }
      hv1/tel1: { access: voice }
      hv1/eth1: { trunk: [office, voice] }
      hv1/eth2: { trunk: [office, voice], native: office }
      hv1/cust: { dot1q-tunnel: office }
      hv2/web2: { access: office }
      hv2/site: { dot1q-tunnel: office }
      hv3/web3: { access: office }
`;

const guests = {
  web1: { ip: '10.1.0.1/24' },
  web2: { ip: '10.1.0.2/24' },
  web3: { ip: '10.1.0.3/24' },
  tel1: { ip: '10.1.0.4/24' },
};

const network = (): Promise<Lab> => lab({ file, guests });

test('a broadcast reaches the ports of its segment, tagged where it is carried tagged, and no others', async () => {
  const net = await network();
  expectPacket(await net.send('web1', packet.arp({ dst: '10.1.0.77' })))
    .leaves('hv1/br0:free', { vlan: undefined })
    .leaves('hv1/br0:eth1', { vlan: 100 })
    .leaves('hv1/br0:eth2', { vlan: undefined })
    .leaves('hv1/br0:cust', { vlan: undefined })
    .reaches('web2', { vlan: undefined })
    .leaves('hv2/br0:site')
    .reaches('web3')
    .nowhereElse();
  expectPacket(await net.send('tel1', packet.arp({ dst: '10.1.0.77' })))
    .leaves('hv1/br0:eth1', { vlan: 200 })
    .leaves('hv1/br0:eth2', { vlan: 200 })
    .nowhereElse();
});

test('a trunk takes the tags of its segments, its native segment untagged, and nothing else', async () => {
  const net = await network();
  const from = (port: string, vlan?: number) => {
    const common = { src: '10.1.0.5', dst: '10.1.0.77', eth: { src: '02:00:00:00:00:05' } };
    return net.send(`hv1/br0:${port}`, packet.arp(vlan === undefined ? common : { ...common, vlan }));
  };
  expectPacket(await from('eth1', 200)).reaches('tel1', { vlan: undefined });
  expectPacket(await from('eth1', 100))
    .reaches('web1')
    .reaches('web2')
    .doesNotReach('tel1');
  expectPacket(await from('eth1')).isDropped();
  expectPacket(await from('eth1', 300)).isDropped();
  expectPacket(await from('eth2'))
    .reaches('web1')
    .doesNotReach('tel1');
  expectPacket(await from('free', 100)).isDropped();
});

test("a customer's own tags go through the segment inside its own", async () => {
  const net = await network();
  const frame = packet.arp({ src: '10.9.0.1', dst: '10.9.0.2', vlan: 7, eth: { src: '02:00:00:00:00:07' } });
  expectPacket(await net.send('hv1/br0:cust', frame))
    .leaves('hv1/br0:eth1', { vlans: [{ vid: 100 }, { vid: 7 }] })
    .leaves('hv2/br0:site', { vlans: [{ vid: 7 }] })
    .doesNotLeave('hv2/br0:web2');
});

test('from host to host over the overlay: known stations directly, once each', async () => {
  const net = await network();
  await net.ping('web1', 'web2');
  expectPacket(await net.send('web1', packet.udp({ dst: 'web2', dstPort: 9 })))
    .reaches('web2')
    .nowhereElse();
  // What came out of a tunnel never goes into another.
  const asked = await net.send('web2', packet.arp({ dst: '10.1.0.77' }));
  expect(asked.left.filter(({ at }) => at === 'hv3/br0:web3')).toHaveLength(1);
});

test('a port with an address sends from it alone: IPv4, ARP', async () => {
  const net = await network();
  await net.ping('web1', 'web2');
  const { mac } = net.guest('web1');
  expectPacket(
    await net.send('web1', packet.udp({ src: '10.1.0.9', dst: 'web2', dstPort: 9, eth: { src: mac } })),
  ).isDropped();
  expectPacket(await net.send('web1', packet.arp({ src: '10.1.0.9', dst: 'web2', eth: { src: mac } }))).isDropped();
  expectPacket(
    await net.send(
      'web1',
      packet.icmp({ src: 'fd00::1', dst: 'fd00::2', type: 128, eth: { src: mac, dst: 'ff:ff:ff:ff:ff:ff' } }),
    ),
  ).isDropped();
});

test('a station that appears at another port is known there with its first frame', async () => {
  const net = await network();
  await net.ping('web2', 'web3');
  await net.ping('web2', 'tel1').catch(() => undefined);
  await net.move('web3', 'hv1/br0:free');
  await net.send('web3', packet.arp({ dst: 'web3' }));
  expectPacket(await net.send('web2', packet.udp({ dst: 'web3', dstPort: 9 })))
    .leaves('hv1/br0:free')
    .nowhereElse();
});

test('a station that is silent for 300 s is looked for in its whole segment again', async () => {
  const net = await network();
  await net.ping('web1', 'web2');
  await net.advance(299);
  expectPacket(await net.send('web1', packet.udp({ dst: 'web2', dstPort: 9 })))
    .reaches('web2')
    .nowhereElse();
  await net.advance(2);
  expectPacket(await net.send('web1', packet.udp({ dst: 'web2', dstPort: 9 })))
    .reaches('web2')
    .leaves('hv1/br0:eth1');
});

test('what the switches learned outlives Flowloom, and a restart sends nothing', async () => {
  const net = await network();
  await net.ping('web1', 'web2');
  await net.stop();
  await net.ping('web2', 'web1');
  expect(await net.start()).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0 });
  expectPacket(await net.send('web1', packet.udp({ dst: 'web2', dstPort: 9 })))
    .reaches('web2')
    .nowhereElse();
});

test('a port more by a reload: it is in its segment, and the others notice nothing', async () => {
  const net = await network();
  await net.ping('web1', 'web2');
  await net.reload({ file: `${file}      hv2/late: { access: office }\n` });
  await net.advance(1);
  expectPacket(await net.send('web1', packet.arp({ dst: '10.1.0.77' }))).leaves('hv2/br0:late', { vlan: undefined });
  expectPacket(await net.send('web1', packet.udp({ dst: 'web2', dstPort: 9 })))
    .reaches('web2')
    .nowhereElse();
});
