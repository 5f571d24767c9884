/** Guests that mean no good: what they send for others, as relays, as servers, and again and again. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';
import { clientFrame, heardIn, lease, say } from './dhcp-client.ts';

const file = (loc: string, dmz: string) => `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.1 }, hv2: { underlay: 192.0.2.2 } }
segments:
  loc: { vlan: 10, subnet: 10.1.0.0/24, overlay: vxlan }
  dmz: { vlan: 20, subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/pc: { access: loc }
      hv1/eve: { access: loc }
      hv1/srv: { access: dmz }
      hv2/far: { access: loc }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
dhcp:
  loc: ${loc}
  dmz: ${dmz}
`;
const guests = { pc: {}, eve: {}, far: {}, srv: { ip: '10.2.0.9/24' } };
const network = (
  loc = '{ range: 10.1.0.100-10.1.0.101 }',
  dmz = '{ range: 10.2.0.100-10.2.0.150, leasesPerPort: 2 }',
): Promise<Lab> => lab({ file: file(loc, dmz), guests });

const bound = (net: Lab) =>
  net
    .published('leases')
    .filter(({ state }) => state === 'bound')
    .map(({ address }) => address);

test('who says that it is a relay gets no more addresses of another segment than its port may have', async () => {
  const net = await network();
  const relayed = (number: number) => ({ mac: `02:00:00:00:09:0${number}`, giaddr: '10.2.0.77', hops: 1 });
  await lease(net, 'eve', relayed(1));
  await lease(net, 'eve', relayed(2));
  expect(await say(net, 'eve', { ...relayed(3), type: 'discover' })).toEqual([]);
  expect(net.log.join('\n')).toContain('port eve of hv1/br0 has 2 addresses of segment dmz');
  await lease(net, 'srv');
});

test("nobody gives back or declines another's address by its MAC", async () => {
  const net = await network();
  const { yourAddress } = (await lease(net, 'pc')).dhcp;
  const asPc = { mac: net.guest('pc').mac, ciaddr: yourAddress, src: yourAddress };
  for (const guest of ['eve', 'far']) {
    await say(net, guest, { ...asPc, type: 'release', dst: '10.1.0.1', ethDst: '02:00:00:00:00:fe' });
    await say(net, guest, { ...asPc, type: 'decline', options: { 50: yourAddress, 54: '10.1.0.1' } });
    expect(bound(net)).toEqual([yourAddress]);
  }
  await say(net, 'pc', { ...asPc, type: 'release', dst: '10.1.0.1', ethDst: '02:00:00:00:00:fe' });
  expect(bound(net)).toEqual([]);
});

test('an address that somebody uses is told with where that is, and does not count for who asked', async () => {
  const squatter = { at: 'hv1/br0:eve', ip: '10.1.0.100/24' };
  const text = file('{ range: 10.1.0.100-10.1.0.101, leasesPerPort: 1 }', '{ range: 10.2.0.100-10.2.0.150 }');
  const net = await lab({ file: text, guests: { far: {}, squatter } });
  const [offer] = await say(net, 'far', { type: 'discover', options: { 50: '10.1.0.100' } });
  // Probed twice, for half a second each.
  const given = offer ?? (await say(net, 'far', { type: 'discover' }))[0];
  expect(given?.dhcp.yourAddress).toBe('10.1.0.101');
  const declined = net.published('leases').find(({ state }) => state === 'declined');
  expect(declined).toMatchObject({ address: '10.1.0.100', switch: 'hv1/br0', port: 'eve' });
});

test('a server of their own is not heard, from whichever port it answers', async () => {
  const net = await network();
  for (const srcPort of [67, 1067]) {
    const rogue = packet.layers({
      eth: { src: net.guest('eve').mac, dst: 'ff:ff:ff:ff:ff:ff' },
      ipv4: { src: '10.1.0.50', dst: '255.255.255.255' },
      udp: { srcPort, dstPort: 68 },
      dhcp: { operation: 2, clientMac: net.guest('pc').mac, options: [{ code: 53, value: Uint8Array.of(2) }] },
    });
    expectPacket(await net.send('eve', rogue)).isDropped();
  }
});

test("what a relay's server did not send is no answer, wherever it comes from", async () => {
  const net = await network('{ relay: 10.2.0.9 }');
  const circuit = Buffer.from('hv2/br0:far');
  const forged = (src: string, dst: string) =>
    packet.layers({
      eth: { src: net.guest('eve').mac, dst: dst === '10.1.0.1' ? '02:00:00:00:00:fe' : 'ff:ff:ff:ff:ff:ff' },
      ipv4: { src, dst },
      udp: { srcPort: 67, dstPort: 67 },
      dhcp: {
        ...{ operation: 2, transactionId: 7, clientMac: net.guest('far').mac, relayAgent: '10.1.0.1' },
        yourAddress: '10.1.0.66',
        options: [
          { code: 53, value: Uint8Array.of(5) },
          { code: 82, value: Buffer.concat([Uint8Array.of(1, circuit.length), circuit]) },
        ],
      },
    });
  for (const src of ['10.1.0.50', '10.2.0.9']) {
    for (const dst of ['255.255.255.255', '10.1.0.1']) {
      const heard = heardIn(await net.send('eve', forged(src, dst)));
      expect(heard.filter(({ udp }) => udp.dstPort === 68)).toEqual([]);
    }
  }
  expect(net.appCounters('dhcp')).toMatchObject({ answered: 0, lost: 3 });
});

test('where none is left, the one that is given back is there at once', async () => {
  const net = await network();
  const { yourAddress } = (await lease(net, 'pc')).dhcp;
  await lease(net, 'far');
  const ask = () => net.send('eve', clientFrame(net.guest('eve').mac, { type: 'discover' }));
  await ask();
  expect(net.appCounters('dhcp').exhausted).toBe(1);
  const release = { type: 'release', ciaddr: yourAddress, src: yourAddress, dst: '10.1.0.1' } as const;
  await net.send('pc', clientFrame(net.guest('pc').mac, release));
  await ask();
  expect(net.appCounters('dhcp').exhausted).toBe(1);
  expect((await lease(net, 'eve')).dhcp.yourAddress).toBe(yourAddress);
});

test('messages that are cut, too long, overloaded or senseless do no harm', async () => {
  const net = await network();
  const mac = net.guest('eve').mac;
  const whole = clientFrame(mac, { type: 'discover', options: { 52: 3, 61: new Uint8Array(255).fill(1) } });
  const fill = (from: number, bytes: readonly number[]) => {
    const frame = whole.slice();
    frame.set(bytes, from);
    return frame;
  };
  // IP and UDP before the message: its fields for a name and a boot file, and its options.
  const at = { name: 42 + 44, file: 42 + 108, options: 42 + 240 };
  const strange = [
    ...[43, 100, 281, 285, whole.length - 1].map((length) => whole.slice(0, length)),
    fill(at.name, [52, 1, 3, 53, 255]),
    fill(at.file, [53, 200, 1]),
    fill(at.file, [0, 0, 53, 1, 3, 52, 1, 3, 255]),
    fill(at.options, [53, 0, 255]),
    fill(at.options, [53, 1, 99]),
    fill(at.options, [255]),
    fill(42 + 1, [9]),
    fill(42 + 2, [16]),
  ];
  for (const frame of strange) {
    await net.send('eve', frame);
    await net.advance(0.6);
  }
  for (const options of [
    { 57: Uint8Array.of(0, 0) },
    { 57: Uint8Array.of(255, 255) },
    { 55: new Uint8Array(255).fill(3) },
  ]) {
    const [offer] = await say(net, 'pc', { type: 'discover', options });
    expect(offer).toMatchObject({ type: 'offer' });
    expect(offer!.frame.length).toBeLessThanOrEqual(14 + 1500);
  }
  expect(net.log.filter((line) => line.startsWith('error'))).toEqual([]);
});
