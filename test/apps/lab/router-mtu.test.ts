/** Packets that are too large for the interface by which they leave: told, cut where that may be, and no flow where all take the same. */

import { expect, test } from 'vitest';
import { dissect } from '../../../src/index.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = (mtu = 'mtu: 1400', more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/web: { access: dmz }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24, ${mtu} }
      net: { segment: net, address: 192.0.2.1/24 }
${more}`;

const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  web: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

async function network(text = file()): Promise<Lab> {
  const net = await lab({ file: text, guests });
  for (const [guest, to] of [
    ['pc', '10.1.0.1'],
    ['web', '10.2.0.1'],
    ['peer', '192.0.2.1'],
  ] as const)
    await net.send(guest, packet.arp({ dst: to }));
  return net;
}

/** A packet of UDP, as long as said with its IP header. */
function sized(net: Lab, from: string, dst: string, length: number, dontFragment: boolean): Uint8Array {
  const { mac, ip } = net.guest(from);
  return packet.layers({
    eth: { src: mac, dst: /0e:[0-9a-f:]{14}/.exec(net.flows('hv1/br0').join('\n'))![0] },
    ipv4: { src: ip!, dst, dontFragment, id: 7 },
    udp: { srcPort: 5, dstPort: 9 },
    payload: Uint8Array.from({ length: length - 28 }, (_, i) => i),
  });
}

test('with DF the sender is told the MTU, and the packet ends here; what fits goes on without the controller', async () => {
  const net = await network();
  const fits = await net.send('pc', sized(net, 'pc', '10.2.0.10', 1400, true));
  expectPacket(fits).reaches('web');
  expect(fits.packetIns).toEqual([]);
  expectPacket(await net.send('pc', sized(net, 'pc', '10.2.0.10', 1401, true)))
    .reaches('pc', {
      ipv4: { src: '10.1.0.1' },
      icmp: { type: 3, code: 4, rest: 1400 },
      quoted: { ipv4: { src: 'pc', dst: 'web', totalLength: 1401, ttl: 64 } },
    })
    .doesNotReach('web');
  expectPacket(await net.send('pc', sized(net, 'pc', '192.0.2.254', 1500, true))).reaches('peer');
  expect(net.appCounters('router').oversized).toBe(1);
});

test('without DF it goes on in pieces, and its sender is told', async () => {
  const net = await network();
  const whole = sized(net, 'pc', '10.2.0.10', 1500, false);
  const sent = await net.send('pc', whole);
  expectPacket(sent).reaches('pc', { icmp: { type: 3, code: 4, rest: 1400 } });
  const pieces = sent.left.filter(({ guest }) => guest === 'web').map(({ frame }) => dissect(frame));
  expect(pieces.map(({ ipv4 }) => [ipv4?.totalLength, ipv4?.fragmentOffset, ipv4?.moreFragments])).toEqual([
    [1396, 0, true],
    [124, 1376, false],
  ]);
  for (const { eth, ipv4 } of pieces) {
    expect(eth).toMatchObject({ dst: net.guest('web').mac });
    expect(ipv4).toMatchObject({ ttl: 63, checksumOk: true, id: 7 });
  }
});

test('an answer to a masqueraded packet that is too large is told to its sender by the public address', async () => {
  const text = file('mtu: 1400', 'nat: [masquerade 10.2.0.0/24 out edge/net]\n');
  const net = await network(text);
  const out = await net.send('web', packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 53 }));
  const { udp } = dissect(
    [out, ...out.answers].flatMap(({ left }) => left).findLast(({ guest }) => guest === 'peer')!.frame,
  );
  const dstPort = udp!.srcPort;
  const frame = packet.layers({
    eth: { src: net.guest('peer').mac, dst: /0e:[0-9a-f:]{14}/.exec(net.flows('hv1/br0').join('\n'))![0] },
    ipv4: { src: '192.0.2.254', dst: '192.0.2.1', dontFragment: true },
    udp: { srcPort: 53, dstPort },
    payload: new Uint8Array(1472),
  });
  expectPacket(await net.send('peer', frame))
    .reaches('peer', {
      ipv4: { src: '192.0.2.1' },
      icmp: { type: 3, code: 4, rest: 1400 },
      quoted: { ipv4: { src: 'peer', dst: '192.0.2.1' }, udp: { srcPort: 53, dstPort } },
    })
    .doesNotReach('web');
});

test('where all interfaces take the same there is no such flow, and a restart sends none', async () => {
  const plain = await network(file('mtu: 1500'));
  expect(plain.flows('hv1/br0').filter((line) => line.includes('check_pkt_larger'))).toEqual([]);
  const net = await network();
  expect(net.flows('hv1/br0').filter((line) => line.includes('check_pkt_larger'))).toHaveLength(1);
  expect((await net.restart()).flowMods).toBe(0);
  expect(net.published('interfaces').map(({ name, mtu }) => [name, mtu])).toEqual([
    ['loc', 1500],
    ['dmz', 1400],
    ['net', 1500],
  ]);
});
