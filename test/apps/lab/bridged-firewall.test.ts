/** The app `firewall` between ports of one segment, in a lab: zones of ports and segments, floods, tunnels, routers. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const rules = `
  policy: [dmz to all accept, all to all drop]
  rules:
    - accept http from guests to dmz
    - accept ping from all to all
`;

const oneHost = `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, free: { vlan: 20 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/web1: { access: loc }
      hv1/web2: { access: loc }
      hv1/db: { access: loc }
      hv1/up: { access: loc }
      hv1/x: { access: free }
      hv1/y: { access: free }
firewall:
  zones: { guests: [hv1/web1, hv1/web2], dmz: [hv1/db] }${rules}`;

const guests = {
  web1: { ip: '10.1.0.1/24', ip6: '2001:db8::1/64' },
  web2: { ip: '10.1.0.2/24', ip6: '2001:db8::2/64' },
  db: { ip: '10.1.0.3/24', ip6: '2001:db8::3/64' },
  up: { ip: '10.1.0.4/24' },
  x: { ip: '10.2.0.1/24' },
  y: { ip: '10.2.0.2/24' },
};

const http = (dst: string, more = {}) => packet.tcp({ dst, dstPort: 80, flags: ['syn'], ...more });

test('between ports of one segment the rules decide, by the zones of the ports, and answers pass', async () => {
  const net = await lab({ file: oneHost, guests });
  // ARP passes, and so does what a rule accepts.
  await net.ping('web1', 'web2');
  await net.ping('web1', 'db');
  const sent = await net.send('web1', http('db'));
  expectPacket(sent).reaches('db').nowhereElse();
  expectPacket(await net.send('db', packet.answer(sent.left[0]!.frame))).reaches('web1', { tcp: { srcPort: 80 } });
  expectPacket(await net.send('web1', http('web2'))).isDropped();
  expectPacket(await net.send('web1', packet.tcp({ dst: 'db', dstPort: 22 }))).isDropped();
  expectPacket(await net.send('db', packet.udp({ dst: 'web1', dstPort: 53 }))).reaches('web1');
  // A port in no zone: only what is said of all.
  await net.ping('up', 'db');
  expectPacket(await net.send('up', http('db'))).isDropped();
  expect(net.counters('accept http from guests to dmz').packets).toBe(2);
});

test('IPv6 is judged likewise, and neighbour discovery passes', async () => {
  const net = await lab({ file: oneHost, guests });
  const to = (dst: string) => packet.tcp({ src: '2001:db8::1', dst, dstPort: 22 });
  await net.ping('web1', '2001:db8::3');
  expectPacket(await net.send('web1', to('2001:db8::3'))).isDropped();
  expectPacket(await net.send('db', packet.udp({ src: '2001:db8::3', dst: '2001:db8::1', dstPort: 9 }))).reaches(
    'web1',
  );
});

test('of a flood each copy is judged by itself; what one copy opened does not let another pass', async () => {
  const net = await lab({ file: oneHost, guests });
  // Nobody knows where it is: a copy for each port.
  const unknown = { dst: '10.1.0.77', eth: { dst: '02:00:00:00:00:77' } };
  for (let i = 0; i < 3; i++) {
    expectPacket(await net.send('web1', packet.tcp({ ...unknown, srcPort: 4000, dstPort: 80, flags: ['syn'] })))
      .leaves('hv1/br0:db')
      .nowhereElse();
  }
  const broadcast = { dst: '255.255.255.255', eth: { dst: 'ff:ff:ff:ff:ff:ff' } };
  expectPacket(await net.send('web1', packet.udp({ ...broadcast, dstPort: 67 }))).isDropped();
  expectPacket(await net.send('db', packet.udp({ ...broadcast, dstPort: 67 })))
    .leaves('hv1/br0:web1')
    .leaves('hv1/br0:web2')
    .leaves('hv1/br0:up')
    .nowhereElse();
});

test('nobody is told of what became of the copies of a flood', async () => {
  const file = oneHost.replace('all to all drop', 'all to all reject log');
  const net = await lab({ file, guests });
  const unknown = { dst: '10.1.0.77', eth: { dst: '02:00:00:00:00:77' } };
  const sent = await net.send('web1', packet.tcp({ ...unknown, dstPort: 80, flags: ['syn'] }));
  expectPacket(sent).leaves('hv1/br0:db').nowhereElse();
  expect(sent.packetIns).toEqual([]);
  await net.ping('web1', 'web2');
  expectPacket(await net.send('web1', http('web2'))).reaches('web1', { tcp: { flags: ['rst', 'ack'] } });
});

test('a log says by which ports', async () => {
  const net = await lab({ file: oneHost.replace('all to all drop', 'all to all drop log'), guests });
  await net.ping('web1', 'web2');
  await net.send('web1', http('web2'));
  expect(net.told.at(-1)?.fields).toMatchObject({ from: 'guests', to: 'guests', in: 'hv1/web1', out: 'hv1/web2' });
});

test('a segment without zones is not tracked', async () => {
  const net = await lab({ file: oneHost, guests });
  const sent = await net.send('x', http('y'));
  expectPacket(sent).reaches('y');
  expect(sent.way).not.toContain('ct(');
  const without = await lab({ file: oneHost.replace(/^firewall:[\s\S]*/m, ''), guests });
  expect(without.flows('hv1/br0').filter((line) => /bridged|judge/.test(line))).toEqual([]);
});

const twoHosts = (zones: string, more = '') => `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.1 }, hv2: { underlay: 192.0.2.2 } }
segments: { loc: { vlan: 10, overlay: vxlan } }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/web1: { access: loc }
      hv2/db: { access: loc, mac: "02:00:00:00:00:0b" }
      hv2/web2: { access: loc }
${more}firewall:
  zones: ${zones}${rules}`;

const apart = {
  web1: { ip: '10.1.0.1/24' },
  db: { ip: '10.1.0.3/24', mac: '02:00:00:00:00:0b' },
  web2: { ip: '10.1.0.2/24' },
};

test('over a tunnel both hosts judge; a port there is told by its MAC, where the zones of a host differ', async () => {
  const net = await lab({ file: twoHosts('{ guests: [hv1/web1, hv2/web2], dmz: [hv2/db] }'), guests: apart });
  await net.ping('web1', 'db');
  await net.ping('web1', 'web2');
  const sent = await net.send('web1', http('db'));
  expectPacket(sent).reaches('db').nowhereElse();
  expectPacket(await net.send('db', packet.answer(sent.left[0]!.frame))).reaches('web1');
  expectPacket(await net.send('web1', http('web2'))).isDropped();
  expectPacket(await net.send('db', packet.udp({ dst: 'web1', dstPort: 9 }))).reaches('web1');
  expectPacket(await net.send('web2', packet.udp({ dst: 'web1', dstPort: 9 }))).isDropped();
});

test('a broadcast over a tunnel is judged by the host that knows the zones of its ports', async () => {
  const zones = '{ guests: [hv1/web1, hv2/web2], dmz: [hv2/db] }';
  const file = twoHosts(zones).replace(
    'accept http from guests to dmz',
    'accept udp 1067 from guests to dmz\n    - accept udp 1068 from dmz to guests',
  );
  const net = await lab({ file, guests: apart });
  const broadcast = (dstPort: number) =>
    packet.udp({ dst: '255.255.255.255', eth: { dst: 'ff:ff:ff:ff:ff:ff' }, dstPort });
  expectPacket(await net.send('web1', broadcast(1067)))
    .leaves('hv2/br0:db')
    .doesNotReach('web2');
  expectPacket(await net.send('web1', broadcast(1068)))
    .doesNotReach('db')
    .doesNotReach('web2');
  expectPacket(await net.send('db', broadcast(1068)))
    .leaves('hv1/br0:web1')
    .leaves('hv2/br0:web2')
    .nowhereElse();
  expectPacket(await net.send('web2', broadcast(1067)))
    .leaves('hv2/br0:db')
    .doesNotReach('web1');
});

const SAME = '{ dmz: [segment loc] }';
const everywhere = (policy: string) =>
  `${twoHosts(SAME).replace(rules, '')}\n  policy: [${policy}]\n  rules: [accept ping from all to all]\n`;

test('a segment in a zone is so on all hosts', async () => {
  const net = await lab({ file: everywhere('dmz to all accept, all to all drop'), guests: apart });
  await net.ping('web1', 'db');
  const udp = packet.udp({ dst: 'web2', dstPort: 9 });
  await net.ping('web1', 'web2');
  expectPacket(await net.send('web1', udp))
    .reaches('web2')
    .nowhereElse();
  // The policy goes: what it let pass ends.
  await net.reload({ file: everywhere('all to all drop') });
  expectPacket(await net.send('web1', udp)).isDropped();
  await net.ping('web1', 'web2');
});

test('what is routed is judged by the zones of interfaces, and the router is reached past the zones of ports', async () => {
  const more = `routers:
  edge:
    host: hv2
    interfaces: { loc: { segment: loc, address: 10.1.0.254/24 } }
`;
  const file = twoHosts('{ guests: [hv1/web1, hv2/web2], dmz: [hv2/db], loc: [edge/loc] }', more);
  const net = await lab({ file, guests: { ...apart, web1: { ip: '10.1.0.1/24', gateway: '10.1.0.254' } } });
  await net.ping('web1', '10.1.0.254');
  expect(net.counters('accept ping from all to all').packets).toBe(1);
});

const guarded = `flowloom: 1
hosts: { hv1: }
segments: { lan: { vlan: 10 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/eth0: { access: lan }
      hv1/br0: { access: lan }
firewall:
  zones: { net: [hv1/eth0], host: [hv1/br0] }
  policy: [net to host accept, host to net accept]
  rules:
    - drop ping from net to host over 84 bytes
    - accept ping from net to host limit 1 packet/s burst 1
    - drop icmp from net to host
    - reject smtp from net to host
`;

test("the host's own port is guarded as any other", async () => {
  const net = await lab({ file: guarded, guests: { eth0: { ip: '10.1.0.1/24' }, br0: { ip: '10.1.0.2/24' } } });
  await net.ping('eth0', 'br0');
  const echo = packet.ping('eth0', 'br0');
  await net.advance(5);
  expectPacket(await net.send('eth0', echo)).reaches('br0');
  expectPacket(await net.send('eth0', echo)).isDropped();
  await net.advance(5);
  // 20 bytes of IP, 8 of ICMP; each a ping of its own.
  const echoOf = (payload: number) =>
    packet.layers({
      eth: { src: net.guest('eth0').mac, dst: net.guest('br0').mac },
      ipv4: { src: '10.1.0.1', dst: '10.1.0.2' },
      icmp: { type: 8, identifier: payload, sequence: 1 },
      payload: new Uint8Array(payload),
    });
  expectPacket(await net.send('eth0', echoOf(57))).isDropped();
  expectPacket(await net.send('eth0', echoOf(56))).reaches('br0');
  expectPacket(await net.send('eth0', packet.icmp({ dst: 'br0', type: 13 }))).isDropped();
  const smtp = packet.tcp({ dst: 'br0', dstPort: 25, flags: ['syn'] });
  expectPacket(await net.send('eth0', smtp))
    .leaves('hv1/br0:eth0', { tcp: { flags: ['rst', 'ack'] } })
    .doesNotReach('br0');
  expectPacket(await net.send('eth0', packet.tcp({ dst: 'br0', dstPort: 22, flags: ['syn'] }))).reaches('br0');
});

test('a limit of connections holds between ports, and what exceeds it goes on to the next rules', async () => {
  const file = guarded
    .replace('net to host accept', 'net to host drop')
    .replace('reject smtp from net to host', 'accept ssh from net to host limit 3/min burst 2');
  const net = await lab({ file, guests: { eth0: { ip: '10.1.0.1/24' }, br0: { ip: '10.1.0.2/24' } } });
  await net.ping('eth0', 'br0');
  const ssh = (srcPort: number) => packet.tcp({ dst: 'br0', srcPort, dstPort: 22, flags: ['syn'] });
  expectPacket(await net.send('eth0', ssh(40_000))).reaches('br0');
  expectPacket(await net.send('eth0', ssh(40_001))).reaches('br0');
  expectPacket(await net.send('eth0', ssh(40_002))).isDropped();
  // Those that have begun go on.
  expectPacket(await net.send('eth0', ssh(40_001))).reaches('br0');
});
