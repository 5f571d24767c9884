/** What the router tells senders: by which way, from which address, and about the packet as they sent it. */

import { expect, test } from 'vitest';
import { answer, type RejectKind } from '../../../apps/router/services.ts';
import { defineApp, ETHER_TYPE, punt } from '../../../src/index.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.11 }, hv2: { underlay: 192.0.2.12 } }
segments: { loc: { vlan: 10, overlay: vxlan }, dmz: { vlan: 20 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/pc: { access: loc }
      hv1/web: { access: dmz }
      hv1/peer: { access: net }
      hv2/far: { access: loc }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
      net: { segment: net, address: [192.0.2.1/24, 192.0.2.9/24] }
nat:
  - masquerade 10.1.0.0/24 out edge/net
  - forward tcp 192.0.2.9:8080 to 10.2.0.10:80
`;

const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  far: { ip: '10.1.0.11/24', gateway: '10.1.0.1' },
  web: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

/** An app in the firewall's place, that refuses everything. */
async function refusing(kind: RejectKind): Promise<Lab> {
  const app = defineApp({
    name: 'refuser',
    tables: { filter: { stage: 'firewall' } },
    uses: ['router.answer'],
    attach({ dp, services }) {
      for (const ethType of [ETHER_TYPE.ipv4, ETHER_TYPE.ipv6]) {
        dp.flows.filter.set(`all ${ethType}`, { priority: 10, match: { ethType }, actions: [punt()], intent: 'no' });
      }
      return { packetIn: (each) => void services.get(answer)?.reject({ packet: each, kind }) };
    },
  });
  const net = await lab({ file, guests, apps: [app] });
  // They learn the router's MAC address, and the router theirs.
  for (const [guest, to] of [
    ['pc', '10.1.0.1'],
    ['far', '10.1.0.1'],
    ['web', '10.2.0.1'],
    ['peer', '192.0.2.1'],
  ]) {
    await net.send(guest!, packet.arp({ dst: to! }));
  }
  return net;
}

test('a connection is refused with a reset, from where it was going, and nobody else hears of it', async () => {
  const net = await refusing('tcp-reset');
  expectPacket(await net.send('pc', packet.tcp({ dst: 'web', srcPort: 40000, dstPort: 25 })))
    .reaches('pc', { ipv4: { src: 'web', dst: 'pc' }, tcp: { srcPort: 25, dstPort: 40000, flags: ['rst', 'ack'] } })
    .nowhereElse();
});

test('what is no TCP gets a port unreachable in place of a reset', async () => {
  const net = await refusing('tcp-reset');
  expectPacket(await net.send('pc', packet.udp({ dst: 'web', dstPort: 53, ttl: 7 }))).reaches('pc', {
    ipv4: { src: '10.1.0.1' },
    icmp: { type: 3, code: 3 },
    quoted: { ipv4: { src: 'pc', dst: 'web', ttl: 7 }, udp: { dstPort: 53 } },
  });
});

test('a station on another host is answered through the tunnel', async () => {
  const net = await refusing('admin-prohibited');
  expectPacket(await net.send('far', packet.udp({ dst: 'web', dstPort: 53 })))
    .reaches('far', { icmp: { type: 3, code: 13 }, quoted: { ipv4: { dst: 'web' } } })
    .doesNotReach('web');
});

test('a forwarded connection is refused by the address and port that it asked for', async () => {
  const net = await refusing('tcp-reset');
  expectPacket(await net.send('peer', packet.tcp({ dst: '192.0.2.9', srcPort: 50000, dstPort: 8080 }))).reaches(
    'peer',
    {
      ipv4: { src: '192.0.2.9' },
      tcp: { srcPort: 8080, dstPort: 50000 },
    },
  );
  const other = await refusing('host-unreachable');
  expectPacket(await other.send('peer', packet.tcp({ dst: '192.0.2.9', dstPort: 8080 }))).reaches('peer', {
    ipv4: { src: '192.0.2.9' },
    icmp: { type: 3, code: 1 },
    quoted: { ipv4: { dst: '192.0.2.9' }, tcp: { dstPort: 8080 } },
  });
});

test('what is sent to the router itself is answered from that address', async () => {
  const net = await refusing('port-unreachable');
  expectPacket(await net.send('pc', packet.udp({ dst: '192.0.2.1', dstPort: 53, ttl: 7 }))).reaches('pc', {
    ipv4: { src: '192.0.2.1' },
    icmp: { type: 3, code: 3 },
    quoted: { ipv4: { ttl: 7 } },
  });
});

test('who sends without end gets errors up to a number, and more when time has passed', async () => {
  const net = await refusing('net-unreachable');
  const errors = async (count: number) => {
    let answered = 0;
    for (let i = 0; i < count; i++) {
      const { left } = await net.send('pc', packet.udp({ dst: 'web', dstPort: 9 }));
      if (left.some(({ guest }) => guest === 'pc')) answered++;
    }
    return answered;
  };
  expect(await errors(80)).toBe(50);
  expect(net.appCounters('router').suppressed).toBe(30);
  await net.advance(1);
  expect(await errors(30)).toBe(20);
  // Nobody else is the worse for it.
  expectPacket(await net.send('peer', packet.udp({ dst: '192.0.2.9', dstPort: 9 }))).reaches('peer');
});
