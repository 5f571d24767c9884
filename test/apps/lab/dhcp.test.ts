/** The app `dhcp` in a lab: the whole exchange, leases that last, reservations, NAKs, conflicts, exhaustion, rogue servers. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';
import { clientFrame, lease, say } from './dhcp-client.ts';

const file = (settings: string) => `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.1 }, hv2: { underlay: 192.0.2.2 } }
segments:
  loc: { vlan: 10, subnet: 10.1.0.0/24, overlay: vxlan }
  dmz: { vlan: 20, subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/pc: { access: loc }
      hv1/fix: { access: loc, address: 10.1.0.77 }
      hv1/trunk: { trunk: [loc, dmz] }
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
${settings}
`;
const plain = '  loc: { range: 10.1.0.100-10.1.0.103, dns: 10.1.0.1, domain: lan, lease: 600 }';
const guests = {
  pc: {},
  fix: { ip: '10.1.0.77/24' },
  far: {},
  srv: { ip: '10.2.0.9/24' },
  tagged: { at: 'hv1/br0:trunk', vlan: 10 },
};

const network = (settings = plain): Promise<Lab> => lab({ file: file(settings), guests });

test('discover, offer, request, acknowledgement, with what the client asks for in its order', async () => {
  const net = await network();
  const options = { 55: Uint8Array.of(15, 6, 3, 1, 12), 12: 'laptop' };
  const [offer, ...others] = await say(net, 'pc', { type: 'discover', options });
  expect(others).toEqual([]);
  expect(offer).toMatchObject({
    type: 'offer',
    port: 'hv1/br0:pc',
    eth: { src: '02:00:00:00:00:fe', dst: net.guest('pc').mac },
    udp: { srcPort: 67, dstPort: 68 },
    dhcp: { operation: 2, transactionId: 0x1234_5678, clientMac: net.guest('pc').mac },
  });
  const address = offer!.dhcp.yourAddress;
  expect(address).toMatch(/^10\.1\.0\.10[0-3]$/);
  expect(offer!.ip).toMatchObject({ src: '10.1.0.1', dst: address });
  const [ack] = await say(net, 'pc', { type: 'request', options: { ...options, 50: address, 54: '10.1.0.1' } });
  expect(ack).toMatchObject({ type: 'ack', dhcp: { yourAddress: address } });
  expect([...ack!.options.keys()]).toEqual([53, 54, 51, 58, 59, 1, 15, 6, 3, 12]);
  expect([1, 3, 6, 54].map((code) => ack!.addresses(code))).toEqual([
    ['255.255.255.0'],
    ['10.1.0.1'],
    ['10.1.0.1'],
    ['10.1.0.1'],
  ]);
  expect([51, 58, 59].map((code) => ack!.number(code))).toEqual([600, 300, 525]);
  expect([15, 12].map((code) => ack!.text(code))).toEqual(['lan', 'laptop']);
  expect(net.log.join('\n')).toContain(
    `${address} of segment loc to ${net.guest('pc').mac} (laptop) at port pc of hv1/br0`,
  );
});

test('a client that can take nothing but broadcasts gets them, at its port alone', async () => {
  const net = await network();
  const heard = await say(net, 'pc', { type: 'discover', broadcast: true });
  expect(heard).toMatchObject([
    { port: 'hv1/br0:pc', eth: { dst: 'ff:ff:ff:ff:ff:ff' }, ip: { dst: '255.255.255.255' }, dhcp: { flags: 0x8000 } },
  ]);
});

test('a guest on another host is answered by its own switch, and no message of either goes anywhere else', async () => {
  const net = await network();
  expect(await lease(net, 'far')).toMatchObject({ port: 'hv2/br0:far' });
  const asked = await net.send('far', clientFrame(net.guest('far').mac, { type: 'discover' }));
  expectPacket(asked).goesTo('dhcp').doesNotReach('pc').doesNotLeave('hv1/br0:trunk');
});

test('a tagged guest behind a trunk gets its answer with its tag', async () => {
  const net = await network();
  const ack = await lease(net, 'tagged', { vlan: 10 });
  expect(ack).toMatchObject({ port: 'hv1/br0:trunk', vlan: 10 });
  expect(await say(net, 'tagged', { type: 'discover', vlan: 20 })).toEqual([]);
});

test('a client keeps its address: when it asks again, renews, restarts, and when Flowloom does', async () => {
  const net = await network();
  const { yourAddress } = (await lease(net, 'pc')).dhcp;
  for (const more of [{}, { options: { 50: '10.1.0.100' } }, { options: { 50: '10.1.0.101' } }]) {
    expect((await lease(net, 'pc', more)).dhcp.yourAddress).toBe(yourAddress);
  }
  const renewal = { type: 'request', ciaddr: yourAddress, src: yourAddress } as const;
  const unicast = { ...renewal, dst: '10.1.0.1', ethDst: '02:00:00:00:00:fe' };
  await net.restart();
  await net.advance(590);
  expect(await say(net, 'pc', unicast)).toMatchObject([
    { type: 'ack', ip: { dst: yourAddress }, eth: { dst: net.guest('pc').mac }, dhcp: { yourAddress } },
  ]);
  expect(await say(net, 'pc', renewal)).toMatchObject([{ type: 'ack', dhcp: { yourAddress } }]);
  expect(await say(net, 'pc', { type: 'request', options: { 50: yourAddress } })).toMatchObject([{ type: 'ack' }]);
  // Long after its end it is the client's still, where nobody else needs it.
  await net.advance(1300);
  expect((await lease(net, 'pc')).dhcp.yourAddress).toBe(yourAddress);
});

test("a port's address stays there: who had it and comes from another port is refused it", async () => {
  const net = await network();
  const mac = '02:00:00:00:07:07';
  expect((await lease(net, 'fix', { mac })).dhcp.yourAddress).toBe('10.1.0.77');
  const moved = { type: 'request', mac, options: { 50: '10.1.0.77' } } as const;
  expect(await say(net, 'far', moved)).toMatchObject([{ type: 'nak' }]);
  expect(await say(net, 'fix', moved)).toMatchObject([{ type: 'ack' }]);
});

test('what a client may not have is refused, to everybody', async () => {
  const net = await network();
  const { yourAddress } = (await lease(net, 'pc')).dhcp;
  const others = ['10.1.0.100', '10.1.0.101'].find((address) => address !== yourAddress)!;
  const nak = { type: 'nak', eth: { dst: 'ff:ff:ff:ff:ff:ff' }, ip: { dst: '255.255.255.255' } };
  expect(await say(net, 'pc', { type: 'request', options: { 50: others } })).toMatchObject([nak]);
  expect(await say(net, 'pc', { type: 'request', options: { 50: '192.168.1.5' } })).toMatchObject([nak]);
  expect(await say(net, 'far', { type: 'request', ciaddr: yourAddress, src: yourAddress })).toMatchObject([nak]);
  expect(await say(net, 'far', { type: 'request', options: { 50: yourAddress, 54: '10.1.0.1' } })).toMatchObject([nak]);
  // Whom nobody knows here may be another server's.
  expect(await say(net, 'far', { type: 'request', options: { 50: '10.1.0.102' } })).toEqual([]);
  expect(await say(net, 'far', { type: 'request', options: { 50: '10.1.0.102', 54: '10.1.0.9' } })).toEqual([]);
});

test.for([
  ['pc', 'hv2/br0:far'],
  ['far', 'hv1/br0:pc'],
] as const)('an address that somebody uses already is not offered to %s, and told', async ([guest, at]) => {
  const squatter = { at, ip: '10.1.0.100/24' };
  const net = await lab({ file: file('  loc: { range: 10.1.0.100-10.1.0.101 }'), guests: { [guest]: {}, squatter } });
  expect((await lease(net, guest, { options: { 50: '10.1.0.100' } })).dhcp.yourAddress).toBe('10.1.0.101');
  expect(net.appCounters('dhcp')).toMatchObject({ conflicts: 1, offered: 1 });
  expect(net.log.join('\n')).toContain(`10.1.0.100 of segment loc is used by ${net.guest('squatter').mac}`);
});

test('a declined address is left alone for an hour, a released one free at once', async () => {
  const net = await network('  loc: { range: 10.1.0.100-10.1.0.100 }');
  await lease(net, 'pc');
  await say(net, 'pc', { type: 'decline', options: { 50: '10.1.0.100', 54: '10.1.0.1' } });
  expect(await say(net, 'far', { type: 'discover' })).toEqual([]);
  await net.advance(3600);
  await lease(net, 'far');
  expect(await say(net, 'pc', { type: 'discover' })).toEqual([]);
  await say(net, 'far', { type: 'release', ciaddr: '10.1.0.100', src: '10.1.0.100', dst: '10.1.0.1' });
  expect((await lease(net, 'pc')).dhcp.yourAddress).toBe('10.1.0.100');
});

test('who has an address of its own asks for the rest', async () => {
  const net = await network();
  const [ack] = await say(net, 'srv', { type: 'inform', ciaddr: '10.2.0.9', src: '10.2.0.9' });
  expect(ack).toBeUndefined();
  const [rest] = await say(net, 'pc', { type: 'inform', ciaddr: '10.1.0.200', src: '10.1.0.200' });
  expect(rest).toMatchObject({ type: 'ack', ip: { dst: '10.1.0.200' }, dhcp: { yourAddress: '0.0.0.0' } });
  expect(rest!.options.has(51)).toBe(false);
  expect(rest!.text(15)).toBe('lan');
});

test('when all addresses are in use it is told with the line, and counted', async () => {
  const net = await network('  loc: { range: 10.1.0.100-10.1.0.101 }');
  const macs = [1, 2, 3].map((number) => `02:00:00:00:01:0${number}`);
  for (const mac of macs.slice(0, 2)) await lease(net, 'pc', { mac });
  expect(await say(net, 'pc', { type: 'discover', mac: macs[2]! })).toEqual([]);
  expect(await say(net, 'far', { type: 'discover' })).toEqual([]);
  expect(net.appCounters('dhcp')).toMatchObject({ exhausted: 2 });
  const told = net.log.filter((line) => line.includes('no address left'));
  expect(told).toEqual([expect.stringMatching(/all 2 of its range are in use \(flowloom\.yaml:23\)/)]);
});

test('one guest with many MACs gets as many addresses as its port may have', async () => {
  const net = await network('  loc: { range: 10.1.0.100-10.1.0.150, leasesPerPort: 2 }');
  const mac = (number: number) => `02:00:00:00:01:0${number}`;
  await lease(net, 'pc', { mac: mac(1) });
  await lease(net, 'pc', { mac: mac(2) });
  expect(await say(net, 'pc', { type: 'discover', mac: mac(3) })).toEqual([]);
  const snatch = { type: 'request', mac: mac(3), options: { 50: '10.1.0.120', 54: '10.1.0.1' } } as const;
  expect(await say(net, 'pc', snatch)).toEqual([]);
  await lease(net, 'pc', { mac: mac(1) });
  await lease(net, 'far');
  expect(net.log.join('\n')).toContain('port pc of hv1/br0 has 2 addresses of segment loc');
});

test('reservations: by MAC, port, name and identifier, and of a port with an address that one', async () => {
  const net = await network(`  loc:
    range: 10.1.0.100-10.1.0.103
    reserve:
      "02:00:00:00:01:01": 10.1.0.11
      far: 10.1.0.100
      hostname printer: 10.1.0.13
      client-id box: 10.1.0.14`);
  const addressOf = async (guest: string, more = {}) => (await lease(net, guest, more)).dhcp.yourAddress;
  expect(await addressOf('pc', { mac: '02:00:00:00:01:01' })).toBe('10.1.0.11');
  expect(await addressOf('pc', { mac: '02:00:00:00:01:02', options: { 12: 'Printer' } })).toBe('10.1.0.13');
  expect(await addressOf('pc', { options: { 61: Buffer.from('box') } })).toBe('10.1.0.14');
  expect(await addressOf('fix')).toBe('10.1.0.77');
  expect(await addressOf('far')).toBe('10.1.0.100');
  // Another machine at the port, while the first one is gone: the guest there is not the lab's own.
  expect(await addressOf('far', { mac: '02:00:00:00:01:05' })).toBe('10.1.0.100');
  for (const number of [6, 7, 8]) {
    expect(await addressOf('pc', { mac: `02:00:00:00:01:0${number}` })).toMatch(/^10\.1\.0\.10[123]$/);
  }
});

test('a reload that takes an address out of the range leaves it to its client until the end', async () => {
  const net = await network('  loc: { range: 10.1.0.100-10.1.0.100, lease: 600 }');
  await lease(net, 'pc');
  await net.reload({ file: file('  loc: { range: 10.1.0.110-10.1.0.110, lease: 600 }') });
  await net.advance(200);
  const renewal = { type: 'request', ciaddr: '10.1.0.100', src: '10.1.0.100' } as const;
  const [kept] = await say(net, 'pc', renewal);
  expect(kept!.type).toBe('ack');
  expect(kept!.number(51)).toBeGreaterThan(390);
  expect(kept!.number(51)).toBeLessThan(401);
  await net.advance(400);
  expect(await say(net, 'pc', renewal)).toMatchObject([{ type: 'nak' }]);
  expect((await lease(net, 'pc')).dhcp.yourAddress).toBe('10.1.0.110');
});

test('answers of another server do not pass on a segment that is served', async () => {
  const net = await network();
  const rogue = packet.layers({
    eth: { src: net.guest('pc').mac, dst: 'ff:ff:ff:ff:ff:ff' },
    ipv4: { src: '10.1.0.50', dst: '255.255.255.255' },
    dhcp: { operation: 2, clientMac: net.guest('far').mac, options: [{ code: 53, value: Uint8Array.of(2) }] },
  });
  expectPacket(await net.send('pc', rogue)).isDropped();
  expect(net.counters('no answers of other DHCP servers on segment loc').packets).toBe(1);
});

test('a flood of one guest is cut in the switch, and others are answered', async () => {
  const net = await network('  loc: { range: 10.1.0.100-10.1.0.250 }');
  let asked = 0;
  for (let number = 0; number < 100; number++) {
    const mac = `02:00:00:00:02:${number.toString(16).padStart(2, '0')}`;
    const { packetIns } = await net.send('pc', clientFrame(mac, { type: 'discover' }));
    asked += packetIns.length;
  }
  expect(asked).toBeGreaterThan(5);
  expect(asked).toBeLessThan(40);
  await lease(net, 'far');
});

test('a relay elsewhere gets its answer where it asked from, its option as it came', async () => {
  const net = await network();
  const agent = Uint8Array.of(1, 4, 1, 2, 3, 4);
  const asked = { mac: '02:00:00:00:05:05', giaddr: '10.1.0.9', hops: 1, src: '10.1.0.9', dst: '10.1.0.1' } as const;
  const [offer] = await say(net, 'srv', {
    ...{ ...asked, type: 'discover', ethDst: '02:00:00:00:00:fe', options: { 82: agent } },
  });
  expect(offer).toMatchObject({
    port: 'hv1/br0:srv',
    ip: { src: '10.1.0.1', dst: '10.1.0.9' },
    udp: { srcPort: 67, dstPort: 67 },
    dhcp: { relayAgent: '10.1.0.9', clientMac: '02:00:00:00:05:05' },
  });
  expect(offer!.options.get(82)).toEqual(agent);
});

test('what the segment lets no guest do, its server may: a firewall within it keeps nothing from the clients', async () => {
  const firewall = 'firewall:\n  zones: { guests: [segment loc] }\n  policy: [all to all drop]\n';
  const text = file('  loc: { range: 10.1.0.100-10.1.0.101 }').replace('dhcp:', `${firewall}dhcp:`);
  const squatter = { at: 'hv1/br0:pc', ip: '10.1.0.100/24' };
  const net = await lab({ file: text, guests: { far: {}, squatter } });
  expect((await lease(net, 'far', { options: { 50: '10.1.0.100' } })).dhcp.yourAddress).toBe('10.1.0.101');
  expect(net.appCounters('dhcp')).toMatchObject({ conflicts: 1 });
});

test('what is large goes where it fits: long lists beside the options, boot files in their field', async () => {
  const routes = Array.from({ length: 30 }, (_, index) => `10.${index + 10}.0.0/16 via 10.1.0.9`).join(', ');
  const options = `next-server: 10.2.0.9, boot-file: pxelinux.0, static-routes: [${routes}], wpad: http://wpad.lan/`;
  const net = await network(`  loc: { range: 10.1.0.100-10.1.0.103, options: { ${options} } }`);
  const wants = (...codes: number[]) => ({ type: 'discover', options: { 55: Uint8Array.from(codes) } }) as const;
  const [boot] = await say(net, 'pc', wants(1, 3));
  expect(boot!.dhcp).toMatchObject({ nextServer: '10.2.0.9', bootFile: 'pxelinux.0' });
  const [large] = await say(net, 'pc', wants(67, 252, 121));
  // 576 bytes hold all but the routes, and a field of 128 does not hold them either.
  expect(large!.frame.length).toBeLessThanOrEqual(14 + 576);
  expect([67, 252].map((code) => large!.text(code))).toEqual(['pxelinux.0', 'http://wpad.lan/']);
  const size = { 57: Uint8Array.of(5, 220) };
  const wanted = { ...wants(67, 252, 121), options: { ...wants(67, 252, 121).options, ...size } };
  const [all] = await say(net, 'pc', wanted);
  expect(all!.options.get(121)!.length).toBe(30 * 7 + 5);
  expect([...all!.options.get(121)!.subarray(-5)]).toEqual([0, 10, 1, 0, 1]);
});
